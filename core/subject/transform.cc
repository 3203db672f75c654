#include "subject/transform.h"

#include "subject/match.h"
#include "subject/tokens.h"
#include "subject/validity.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

namespace frond::subject {

using std::string_view_literals::operator""sv;

namespace {

std::string wrong(std::string_view what, std::string_view token) {
  return "invalid mapping destination: " + std::string(what) + (token.empty() ? "" : " in ") +
         std::string(token);
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

bool read_int(std::string_view text, int& out) {
  text = trimmed(text);
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size();
}

/// As nats-server spreads over partitions: FNV-1a.
std::uint32_t hash_of(std::string_view key) {
  std::uint32_t hash = 2166136261U;
  for (const char c : key) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  }
  return hash;
}

void cut(std::string_view token, std::size_t at, std::string& out) {
  out.append(token.substr(0, at));
  if (at > 0 && at < token.size()) {
    out += separator;
  }
  out.append(token.substr(at));
}

void slice(std::string_view token, std::size_t first, std::size_t size, std::string& out) {
  for (std::size_t at = 0; at < token.size();) {
    const std::size_t length = at == 0 && first > 0 ? first : size;
    if (at > 0) {
      out += separator;
    }
    out.append(token.substr(at, length));
    at += length;
  }
}

void split(std::string_view token, std::string_view by, std::string& out) {
  bool first = true;
  while (!token.empty()) {
    const std::size_t end = by.empty() ? 1 : std::min(token.find(by), token.size());
    if (end > 0) {
      if (!std::exchange(first, false)) {
        out += separator;
      }
      out.append(token.substr(0, end));
    }
    token.remove_prefix(std::min(token.size(), end + by.size()));
  }
}

}  // namespace

std::string Transform::read(std::string_view source, std::string_view destination) {
  source_ = source.empty() ? any_rest : source;
  parts_.clear();
  if (destination.empty() || (source_ == any_rest && destination == any_rest)) {
    return {};
  }
  if (!valid(source_)) {
    return "invalid subject";
  }
  if (destination.find_first_of("\t\n\v\f\r\0"sv) != std::string_view::npos) {
    return "invalid mapping destination: invalid transform";
  }
  std::vector<std::size_t> wildcards;
  fixed_ = 0;
  bool source_rest = false;
  for (TokenCursor cursor(source_); cursor.next();) {
    if (cursor.token() == any_rest) {
      source_rest = true;
      break;
    }
    if (cursor.token() == any_token) {
      wildcards.push_back(fixed_);
    }
    ++fixed_;
  }
  rest_ = false;
  for (TokenCursor cursor(destination); cursor.next();) {
    const std::string_view token = cursor.token();
    if (token.empty() || rest_) {
      return wrong("invalid transform", token);
    }
    if (token == any_rest) {
      rest_ = true;
      continue;
    }
    if (token == any_token) {
      return "invalid subject";
    }
    Part& part = parts_.emplace_back();
    if (std::string why = read_token(token, part, wildcards.size()); !why.empty()) {
      return why;
    }
    for (std::size_t& at : part.tokens) {
      at = wildcards[at - 1];
    }
  }
  return source_rest == rest_ ? std::string() : "invalid subject";
}

std::string Transform::read_token(std::string_view token, Part& part, std::size_t wildcards) const {
  int index = 0;
  if (token.starts_with('$') && read_int(token.substr(1), index)) {
    part.function = Function::wildcard;
    part.tokens = {static_cast<std::size_t>(index)};
  } else if (token.starts_with("{{") && token.ends_with("}}") && token.size() > 4) {
    if (std::string why = read_function(token, part); !why.empty()) {
      return why;
    }
  } else if (token.find(' ') != std::string_view::npos) {
    return "invalid mapping destination: invalid transform";
  } else {
    part.text = token;
  }
  for (const std::size_t at : part.tokens) {
    if (at < 1 || at > wildcards) {
      const std::string which = wildcards > 0 ? ": [" + std::to_string(at) + "]" : std::string();
      return wrong("wildcard index out of range", std::string(token) + which);
    }
  }
  return {};
}

std::string Transform::read_function(std::string_view token, Part& part) const {
  // In the order of Function.
  static constexpr std::string_view names[] = {"wildcard",       "partition",      "split",
                                               "splitfromleft",  "splitfromright", "slicefromleft",
                                               "slicefromright", "left",           "right"};
  const std::string_view call = trimmed(token.substr(2, token.size() - 4));
  const std::size_t open = call.find('(');
  std::string name(trimmed(call.substr(0, open)));
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  });
  const auto* const known = std::ranges::find(names, name);
  if (open == std::string_view::npos || !call.ends_with(')') || known == std::end(names)) {
    return wrong("unknown function", token);
  }
  part.function = static_cast<Function>(known - std::begin(names));
  std::vector<std::string_view> arguments;
  for (std::string_view rest = call.substr(open + 1, call.size() - open - 2);;) {
    const std::size_t comma = rest.find(',');
    arguments.push_back(rest.substr(0, comma));
    if (comma == std::string_view::npos) {
      break;
    }
    rest.remove_prefix(comma + 1);
  }
  const bool partition = part.function == Function::partition;
  const std::size_t wanted = part.function == Function::wildcard || partition ? 1 : 2;
  if (arguments.size() < wanted || arguments.front().empty()) {
    return wrong("not enough arguments passed to the function", token);
  }
  if (arguments.size() > wanted && !partition) {
    return wrong("too many arguments passed to the function", token);
  }
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const bool is_token = partition ? i > 0 : i == 0;
    int number = 0;
    if (!is_token && part.function == Function::split) {
      part.text = trimmed(arguments[i]);
      if (part.text.find_first_of(" .") == std::string::npos) {
        continue;
      }
    } else if (read_int(arguments[i], number)) {
      if (is_token) {
        part.tokens.push_back(static_cast<std::size_t>(std::max(number, 0)));
      } else {
        part.number = number;
      }
      continue;
    }
    return wrong("function argument is invalid or in the wrong format", token);
  }
  return {};
}

void Transform::write(const Part& part, const std::vector<std::string_view>& tokens,
                      std::string& out) const {
  const std::string_view token = part.tokens.empty() ? std::string_view() : tokens[part.tokens[0]];
  // A length that the token does not have leaves it whole.
  const std::size_t length = part.number > 0 && static_cast<std::size_t>(part.number) < token.size()
                                 ? static_cast<std::size_t>(part.number)
                                 : token.size();
  switch (part.function) {
    case Function::none:
      out.append(part.text);
      return;
    case Function::wildcard:
      out.append(token);
      return;
    case Function::partition: {
      std::string key;
      for (const std::size_t at : part.tokens) {
        key.append(tokens[at]);
      }
      if (part.tokens.empty()) {
        for (const std::string_view each : tokens) {
          key.append(key.empty() ? "" : ".").append(each);
        }
      }
      const auto parts = static_cast<std::uint32_t>(part.number);
      out.append(std::to_string(parts == 0 ? 0 : hash_of(key) % parts));
      return;
    }
    case Function::split:
      return split(token, part.text, out);
    case Function::split_from_left:
      return cut(token, length, out);
    case Function::split_from_right:
      return cut(token, length == token.size() ? length : token.size() - length, out);
    case Function::slice_from_left:
      return slice(token, 0, length, out);
    case Function::slice_from_right:
      return slice(token, length == 0 ? 0 : token.size() % length, length, out);
    case Function::left:
      out.append(token.substr(0, length));
      return;
    case Function::right:
      out.append(token.substr(token.size() - length));
      return;
  }
}

std::optional<std::string> Transform::apply(std::string_view subject) const {
  if (!matches(source_, subject)) {
    return std::nullopt;
  }
  if (parts_.empty() && !rest_) {
    return std::string(subject);
  }
  std::vector<std::string_view> tokens;
  for (TokenCursor cursor(subject); cursor.next();) {
    tokens.push_back(cursor.token());
  }
  std::string out;
  for (const Part& part : parts_) {
    if (!out.empty()) {
      out += separator;
    }
    write(part, tokens, out);
  }
  for (std::size_t at = fixed_; rest_ && at < tokens.size(); ++at) {
    if (!out.empty()) {
      out += separator;
    }
    out.append(tokens[at]);
  }
  return out;
}

}  // namespace frond::subject
