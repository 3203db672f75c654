#include "query/fields.h"

#include "base/limits.h"
#include "wire/headers.h"

#include <algorithm>
#include <array>
#include <utility>

namespace frond::query {
namespace {

enum Pseudos : std::uint8_t { subject, tokens, seq, time, key, headers, value };
constexpr std::array<std::string_view, 7> pseudo_names{"$subject", "$tokens.",  "$seq",  "$time",
                                                       "$key",     "$headers.", "$value"};

/// Which one it is; their number for none.
std::size_t pseudo_kind(std::string_view name) {
  std::size_t i = 0;
  while (i < pseudo_names.size() &&
         !(pseudo_names[i].back() == '.'
               ? name.starts_with(pseudo_names[i]) && name.size() > pseudo_names[i].size()
               : name == pseudo_names[i])) {
    ++i;
  }
  return i;
}

std::string_view token_at(std::string_view subject, std::string_view index) {
  std::size_t left = static_cast<std::size_t>(number_of(index));
  for (; left > 0 && !subject.empty(); --left) {
    const std::size_t dot = subject.find('.');
    subject.remove_prefix(dot == std::string_view::npos ? subject.size() : dot + 1);
  }
  return subject.substr(0, subject.find('.'));
}

/// The key of a KV entry, or the subject where there is none.
std::string_view key_of(std::string_view subject) {
  constexpr std::string_view kv = "$KV.";
  const std::size_t dot = subject.find('.', kv.size());
  return subject.starts_with(kv) && dot != std::string_view::npos ? subject.substr(dot + 1)
                                                                  : subject;
}

/// Milliseconds since 1970 with a fraction, as JavaScript counts them.
std::string millis_text(WallTime time) {
  const std::int64_t nanos = time.time_since_epoch().count();
  std::string text = std::to_string(nanos / 1'000'000);
  if (const std::int64_t rest = nanos % 1'000'000; rest > 0) {
    const std::string digits = std::to_string(rest);
    text.append(".").append(6 - digits.size(), '0').append(digits);
  }
  return text;
}

void append_name(std::string& out, std::string_view name) {
  append_json(out, plain_text(name));
  out.push_back(':');
}

bool is_index(std::string_view name, std::size_t index) { return name == std::to_string(index); }

}  // namespace

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> tokens(1);
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '\\' && i + 1 < path.size()) {
      tokens.back().push_back(path[++i]);
    } else if (path[i] == '.') {
      tokens.emplace_back();
    } else {
      tokens.back().push_back(path[i]);
    }
  }
  return tokens;
}

bool is_pseudo_field(std::string_view name) { return pseudo_kind(name) < pseudo_names.size(); }

std::size_t Fields::new_slot(std::string name) {
  if (names_.size() == base::query_fields_max) {
    return none;
  }
  names_.push_back(std::move(name));
  values_.emplace_back();
  numbers_.emplace_back();
  return names_.size() - 1;
}

std::size_t Fields::add(std::string_view name) {
  const std::size_t kind = pseudo_kind(name);
  if (kind == pseudo_names.size()) {
    return add_path(split_path(name));
  }
  if (kind == value) {
    return add_path({});
  }
  for (const Pseudo& known : pseudos_) {
    if (names_[known.slot] == name) {
      return known.slot;
    }
  }
  const std::size_t slot = new_slot(std::string(name));
  if (slot != none) {
    pseudos_.push_back(
        {static_cast<std::uint8_t>(kind), slot,
         std::string(name.substr(std::min(name.size(), pseudo_names[kind].size())))});
  }
  return slot;
}

std::size_t Fields::add_path(const std::vector<std::string>& path) {
  if (path.size() > base::json_depth_max) {
    return none;
  }
  json_ = true;
  std::uint32_t at = 0;
  std::string shown = path.empty() ? "$value" : "";
  for (const std::string& name : path) {
    shown.append(shown.empty() ? "" : ".").append(name);
    std::uint32_t child = steps_[at].child;
    std::uint32_t last = 0;
    while (child != 0 && steps_[child].name != name) {
      last = child;
      child = steps_[child].sibling;
    }
    if (child == 0) {
      if (steps_[at].children == base::query_fields_max) {
        return none;
      }
      child = static_cast<std::uint32_t>(steps_.size());
      (last == 0 ? steps_[at].child : steps_[last].sibling) = child;
      ++steps_[at].children;
      steps_.push_back({name, none, 0, 0, 0});
    }
    at = child;
  }
  if (steps_[at].slot == none) {
    steps_[at].slot = new_slot(std::move(shown));
  }
  return steps_[at].slot;
}

const Fields::Step* Fields::child_of(const Step& step, const Value& name,
                                     std::uint64_t& bit) const {
  std::string decoded;
  std::string_view text = name.text;
  if (name.escaped) {
    append_text(decoded, name);
    text = decoded;
  }
  bit = 1;
  for (std::uint32_t at = step.child; at != 0; at = steps_[at].sibling, bit <<= 1) {
    if (steps_[at].name == text) {
      return &steps_[at];
    }
  }
  return nullptr;
}

bool Fields::walk_object(const Step& step, JsonScan& scan, bool root) {
  std::uint64_t seen = 0;
  std::uint32_t left = step.children;
  Value name;
  Value passed;
  while (left > 0) {
    if (!scan.name(name)) {
      return !scan.faulty();
    }
    std::uint64_t bit = 0;
    const Step* const child = child_of(step, name, bit);
    // Of fields with one name the first counts: what lies behind the last is not looked at.
    if (child == nullptr || (seen & bit) != 0) {
      if (!scan.value(passed)) {
        return false;
      }
      continue;
    }
    seen |= bit;
    --left;
    if (!walk(*child, scan, false)) {
      return false;
    }
  }
  if (!root) {
    scan.leave();
  }
  return !scan.faulty();
}

bool Fields::walk_array(const Step& step, JsonScan& scan) {
  Value passed;
  for (std::size_t index = 0; scan.item(); ++index) {
    const Step* child = nullptr;
    for (std::uint32_t at = step.child; at != 0 && child == nullptr; at = steps_[at].sibling) {
      child = is_index(steps_[at].name, index) ? &steps_[at] : nullptr;
    }
    if (!(child == nullptr ? scan.value(passed) : walk(*child, scan, false))) {
      return false;
    }
  }
  return !scan.faulty();
}

bool Fields::walk(const Step& step, JsonScan& scan, bool root) {
  const char c = scan.peek();
  if (step.children == 0 || (c != '{' && c != '[')) {
    Value found;
    if (!scan.value(found)) {
      return false;
    }
    if (step.slot != none) {
      values_[step.slot] = found;
    }
    return true;
  }
  const char* const begin = scan.at();
  scan.enter();
  const bool whole = step.slot != none;
  if (!(c == '{' ? walk_object(step, scan, root && !whole) : walk_array(step, scan))) {
    return false;
  }
  if (whole) {
    values_[step.slot] = {.kind = c == '{' ? Kind::object : Kind::array,
                          .escaped = false,
                          .plain = false,
                          .text = {begin, static_cast<std::size_t>(scan.at() - begin)}};
  }
  return true;
}

void Fields::read_pseudo(const Pseudo& pseudo, const stream::StoredMessage& message) {
  Value& out = values_[pseudo.slot];
  out = plain_text(message.subject);
  switch (pseudo.kind) {
    case tokens:
      out.text = token_at(message.subject, pseudo.argument);
      break;
    case key:
      out.text = key_of(message.subject);
      break;
    case headers:
      if (const auto found = wire::header_value(message.header, pseudo.argument)) {
        out.text = *found;
        return;
      }
      out = {};
      return;
    case seq:
    case time:
      numbers_[pseudo.slot] =
          pseudo.kind == seq ? std::to_string(message.sequence.value) : millis_text(message.time);
      out.kind = Kind::number;
      out.text = numbers_[pseudo.slot];
      break;
    default:
      break;
  }
  if (out.text.empty()) {
    out = {};
  }
}

bool Fields::read(const stream::StoredMessage& message) {
  for (Value& each : values_) {
    each = {};
  }
  for (const Pseudo& pseudo : pseudos_) {
    read_pseudo(pseudo, message);
  }
  if (!json_) {
    return true;
  }
  JsonScan scan(message.payload);
  return walk(steps_.front(), scan, true);
}

bool Fields::read(const Value& root) {
  for (Value& each : values_) {
    each = {};
  }
  if (steps_.front().children == 0 || root.kind == Kind::string) {
    if (steps_.front().slot != none) {
      values_[steps_.front().slot] = root;
    }
    return true;
  }
  JsonScan scan(root.text);
  return walk(steps_.front(), scan, true);
}

/// The members below a step, without braces. False when there were none.
bool Fields::print_step(std::string& out, const Step& step) const {
  const std::size_t before = out.size();
  for (std::uint32_t at = step.child; at != 0; at = steps_[at].sibling) {
    const Step& child = steps_[at];
    const std::size_t begin = out.size();
    out.append(begin == before ? "" : ",");
    append_name(out, child.name);
    if (child.slot != none && values_[child.slot].kind != Kind::missing) {
      append_json(out, values_[child.slot]);
      continue;
    }
    out.push_back('{');
    if (print_step(out, child)) {
      out.push_back('}');
    } else {
      out.resize(begin);
    }
  }
  return out.size() > before;
}

void Fields::print(std::string& out) const {
  out.push_back('{');
  bool more = print_step(out, steps_.front());
  for (const Pseudo& pseudo : pseudos_) {
    if (values_[pseudo.slot].kind != Kind::missing) {
      out.append(std::exchange(more, true) ? "," : "");
      append_name(out, names_[pseudo.slot]);
      append_json(out, values_[pseudo.slot]);
    }
  }
  out.push_back('}');
}

}  // namespace frond::query
