#include "query/value.h"

#include <cstdlib>
#include <cstring>
#include <utility>

namespace frond::query {
namespace {

constexpr std::uint64_t ones = 0x0101010101010101u;

/// Has a bit set for the lowest byte that is `c`, perhaps for bytes above it.
std::uint64_t bytes_like(std::uint64_t word, char c) {
  const std::uint64_t x = word ^ (ones * static_cast<unsigned char>(c));
  return (x - ones) & ~x & (ones << 7);
}

/// The next quote or backslash.
const char* string_stop(const char* at, const char* end) {
  for (; end - at >= 8; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    if ((bytes_like(word, '"') | bytes_like(word, '\\')) != 0) {
      break;
    }
  }
  while (at < end && *at != '"' && *at != '\\') {
    ++at;
  }
  return at;
}

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

int hex_of(char c) {
  return c >= '0' && c <= '9'                 ? c - '0'
         : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                              : 0;
}

std::uint32_t code_unit(std::string_view digits) {
  std::uint32_t unit = 0;
  for (const char c : digits) {
    unit = unit * 16 + static_cast<std::uint32_t>(hex_of(c));
  }
  return unit;
}

void append_utf8(std::string& out, std::uint32_t c) {
  const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    return put(c);
  }
  if (c < 0x800) {
    put(0xC0 | (c >> 6));
  } else {
    if (c < 0x10000) {
      put(0xE0 | (c >> 12));
    } else {
      put(0xF0 | (c >> 18));
      put(0x80 | ((c >> 12) & 0x3F));
    }
    put(0x80 | ((c >> 6) & 0x3F));
  }
  put(0x80 | (c & 0x3F));
}

/// Takes the escape behind a backslash from the front.
void append_escape(std::string& out, std::string_view& rest) {
  constexpr std::string_view named = "bfnrt";
  constexpr std::string_view meant = "\b\f\n\r\t";
  const char c = rest.front();
  rest.remove_prefix(1);
  if (c != 'u') {
    const std::size_t i = named.find(c);
    out.push_back(i == std::string_view::npos ? c : meant[i]);
    return;
  }
  std::uint32_t unit = code_unit(rest.substr(0, 4));
  rest.remove_prefix(rest.size() < 4 ? rest.size() : 4);
  if (unit >= 0xD800 && unit < 0xDC00 && rest.size() >= 6 && rest.starts_with("\\u")) {
    const std::uint32_t low = code_unit(rest.substr(2, 4));
    if (low >= 0xDC00 && low < 0xE000) {
      unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
      rest.remove_prefix(6);
    }
  }
  append_utf8(out, unit);
}

}  // namespace

double number_of(std::string_view text) {
  // So many digits and so small an exponent are exact; nearly all numbers are of that kind.
  constexpr double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11};
  std::size_t at = !text.empty() && text.front() == '-' ? 1 : 0;
  std::uint64_t digits = 0;
  std::size_t fraction = 0;
  bool point = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.') {
      point = true;
    } else if (c >= '0' && c <= '9' && digits < 900'000'000'000'000u && fraction < 11) {
      digits = digits * 10 + static_cast<std::uint64_t>(c - '0');
      fraction += point ? 1 : 0;
    } else {
      return std::strtod(std::string(text).c_str(), nullptr);
    }
  }
  const double value = static_cast<double>(digits) / powers[fraction];
  return !text.empty() && text.front() == '-' ? 0 - value : value;
}

void append_text(std::string& out, const Value& string) {
  std::string_view rest = string.text;
  while (string.escaped) {
    const std::size_t slash = rest.find('\\');
    if (slash + 1 >= rest.size()) {
      break;  // Also npos + 1.
    }
    out.append(rest.substr(0, slash));
    rest.remove_prefix(slash + 1);
    append_escape(out, rest);
    if (rest.find('\\') == std::string_view::npos) {
      break;
    }
  }
  out.append(rest);
}

void append_json(std::string& out, const Value& value) {
  if (value.kind != Kind::string) {
    out.append(value.text);
    return;
  }
  out.push_back('"');
  if (value.plain) {
    for (const char c : value.text) {
      constexpr std::string_view hex = "0123456789abcdef";
      if (c == '"' || c == '\\') {
        out.push_back('\\');
      } else if (static_cast<unsigned char>(c) < 0x20) {
        out.append("\\u00").push_back(hex[static_cast<std::size_t>(c) >> 4]);
        out.push_back(hex[static_cast<std::size_t>(c) & 15]);
        continue;
      }
      out.push_back(c);
    }
  } else {
    out.append(value.text);
  }
  out.push_back('"');
}

void JsonScan::blanks() {
  while (at_ < end_ && is_blank(*at_)) {
    ++at_;
  }
}

bool JsonScan::fail() {
  faulty_ = true;
  at_ = end_;
  return false;
}

char JsonScan::peek() {
  blanks();
  return at_ < end_ ? *at_ : '\0';
}

bool JsonScan::done() { return peek() == '\0' && at_ == end_; }

bool JsonScan::string(Value& out) {
  const char* const begin = ++at_;
  out = {.kind = Kind::string, .escaped = false, .plain = false, .text = {}};
  for (;;) {
    at_ = string_stop(at_, end_);
    if (at_ >= end_) {
      return fail();
    }
    if (*at_ == '"') {
      break;
    }
    out.escaped = true;
    at_ += end_ - at_ > 1 ? 2 : 1;
  }
  out.text = {begin, static_cast<std::size_t>(at_ - begin)};
  ++at_;
  return true;
}

void JsonScan::skip_nested(std::size_t depth) {
  Value passed;
  for (; depth > 0; ++at_) {
    if (at_ >= end_) {
      fail();
      return;
    }
    const char c = *at_;
    if (c == '"') {
      if (!string(passed)) {
        return;
      }
      --at_;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
}

void JsonScan::leave() {
  if (!faulty_) {
    skip_nested(1);
  }
}

bool JsonScan::value(Value& out) {
  const char c = peek();
  if (c == '"') {
    return string(out);
  }
  const char* const begin = at_;
  out = {};
  if (c == '{' || c == '[') {
    out.kind = c == '{' ? Kind::object : Kind::array;
    ++at_;
    skip_nested(1);
  } else {
    while (at_ < end_ && *at_ != ',' && *at_ != '}' && *at_ != ']' && !is_blank(*at_)) {
      ++at_;
    }
    const std::string_view word(begin, static_cast<std::size_t>(at_ - begin));
    out.kind = c == '-' || (c >= '0' && c <= '9') ? Kind::number
               : word == "null"                   ? Kind::null
               : word == "true"                   ? Kind::yes
               : word == "false"                  ? Kind::no
                                                  : Kind::missing;
  }
  if (faulty_ || out.kind == Kind::missing) {
    return fail();
  }
  out.text = {begin, static_cast<std::size_t>(at_ - begin)};
  return true;
}

/// To the next member of the object or array we are in.
bool JsonScan::next(char closing) {
  const char c = peek();
  const bool first = std::exchange(first_, false);
  if (faulty_ || c == closing) {
    at_ += faulty_ ? 0 : 1;
    return false;
  }
  if (!first) {
    if (c != ',') {
      return fail();
    }
    ++at_;
  }
  return true;
}

bool JsonScan::name(Value& out) {
  if (!next('}')) {
    return false;
  }
  if (peek() != '"' || !string(out) || peek() != ':') {
    return fail();
  }
  ++at_;
  return true;
}

bool JsonScan::item() { return next(']'); }

}  // namespace frond::query
