// Running a selector. Compiling it is selector_compiler.cc.

#include "query/selector.h"

#include "base/limits.h"

#include <algorithm>
#include <cmath>

namespace frond::query {
namespace {

std::size_t count_items(std::string_view array) {
  JsonScan scan(array);
  scan.enter();
  std::size_t count = 0;
  for (Value item; scan.item() && scan.value(item);) {
    ++count;
  }
  return count;
}

/// What lies in a range of both.
std::vector<KeyRange> common(const std::vector<KeyRange>& left,
                             const std::vector<KeyRange>& right) {
  std::vector<KeyRange> both;
  for (const KeyRange& a : left) {
    for (const KeyRange& b : right) {
      const std::string& end = a.end.empty()   ? b.end
                               : b.end.empty() ? a.end
                                               : std::min(a.end, b.end);
      KeyRange joined{std::max(a.first, b.first), end, a.point || b.point};
      if (joined.end.empty() || joined.first < joined.end) {
        both.push_back(std::move(joined));
      }
    }
  }
  return both;
}

}  // namespace

bool Selector::matches(const stream::StoredMessage& message, bool& json) {
  json = fields_.read(message);
  return json && run(0);
}

bool Selector::matches_item(const Value& item) { return fields_.read(item) && run(0); }

bool Selector::run(std::uint32_t at) {
  const Node& node = nodes_[at];
  if (node.op > Op::none) {
    return test(node, fields_[node.slot]);
  }
  const bool wanted = node.op == Op::all;
  for (std::uint32_t child = at + 1; child < node.end; child = nodes_[child].end) {
    if (run(child) != wanted) {
      return node.op == Op::any;
    }
  }
  return node.op != Op::any;
}

bool Selector::test(const Node& node, const Value& value) {
  const bool there = value.kind != Kind::missing;
  switch (node.op) {
    case Op::exists:
      return there == (node.count != 0);
    case Op::ne:
      return !there || compare(value, operands_[node.first], scratch_) != 0;
    default:
      break;
  }
  if (!there) {
    return false;
  }
  switch (node.op) {
    case Op::in:
    case Op::nin:
      return is_among(node, value) == (node.op == Op::in);
    case Op::type:
      return (node.first >> static_cast<unsigned>(value.kind) & 1) != 0;
    case Op::size:
      return value.kind == Kind::array && count_items(value.text) == node.first;
    case Op::mod:
      return modulo_is(node, value);
    case Op::regex:
    case Op::begins_with:
      return text_matches(node, value);
    case Op::has_all:
      return has_all(node, value);
    case Op::some_item:
    case Op::each_item:
      return items_match(node, value);
    default:
      break;
  }
  const int order = compare(value, operands_[node.first], scratch_);
  switch (node.op) {
    case Op::eq:
      return order == 0;
    case Op::lt:
      return order < 0;
    case Op::lte:
      return order <= 0;
    case Op::gt:
      return order > 0;
    default:
      return order >= 0;
  }
}

/// Whether the value, or some item of it, is one of the operands.
bool Selector::is_among(const Node& node, const Value& value) {
  const auto among = [&](const Value& one) {
    // Sorted by their keys.
    std::uint32_t low = node.first;
    std::uint32_t high = node.first + node.count;
    while (low < high) {
      const std::uint32_t middle = (low + high) / 2;
      const int order = compare(one, operands_[middle], scratch_);
      if (order == 0) {
        return true;
      }
      (order < 0 ? high : low) = order < 0 ? middle : middle + 1;
    }
    return false;
  };
  if (value.kind != Kind::array) {
    return among(value);
  }
  JsonScan scan(value.text);
  scan.enter();
  for (Value item; scan.item() && scan.value(item);) {
    if (among(item)) {
      return true;
    }
  }
  return among(value);
}

bool Selector::has_all(const Node& node, const Value& value) {
  if (value.kind != Kind::array) {
    return false;
  }
  for (std::uint32_t i = node.first; i < node.first + node.count; ++i) {
    bool found = false;
    JsonScan scan(value.text);
    scan.enter();
    for (Value item; !found && scan.item() && scan.value(item);) {
      found = compare(item, operands_[i], scratch_) == 0;
    }
    if (!found) {
      return false;
    }
  }
  return true;
}

bool Selector::items_match(const Node& node, const Value& value) {
  if (value.kind != Kind::array) {
    return false;
  }
  Selector& item_selector = *items_[node.first];
  const bool wanted = node.op == Op::some_item;
  bool any = false;
  JsonScan scan(value.text);
  scan.enter();
  for (Value item; scan.item() && scan.value(item);) {
    any = true;
    const bool matched = item_selector.matches_item(item);
    regex_bytes_ += item_selector.take_regex_bytes();
    if (matched == wanted) {
      return wanted;
    }
  }
  return !wanted && any;
}

bool Selector::modulo_is(const Node& node, const Value& value) const {
  if (value.kind != Kind::number) {
    return false;
  }
  const double number = number_of(value.text);
  return number == std::trunc(number) &&
         std::fmod(number, operands_[node.first].number) == operands_[node.first + 1].number;
}

bool Selector::text_matches(const Node& node, const Value& value) {
  if (value.kind != Kind::string) {
    return false;
  }
  std::string_view text = value.text;
  if (value.escaped) {
    scratch_.clear();
    append_text(scratch_, value);
    text = scratch_;
  }
  if (node.op == Op::begins_with) {
    return text.starts_with(operands_[node.first].text);
  }
  if (text.size() > base::query_regex_text_max) {
    return false;
  }
  regex_bytes_ += text.size() * (1 + regexes_[node.first].size() / 8);
  return regexes_[node.first].matches(text);
}

/// False for a condition that says nothing of where the value lies. `of_item`: the value, or some
/// item of it.
bool Selector::append_ranges(const Node& node, std::vector<KeyRange>& out, bool& of_item) const {
  // Behind a key, also behind those of a compound that begin with it.
  constexpr char after = '\xFF';
  const Operand* const operand = node.count > 0 ? &operands_[node.first] : nullptr;
  of_item = node.op == Op::in || node.op == Op::has_all;
  switch (node.op) {
    case Op::eq:
      out.push_back({operand->key, operand->key + after, true});
      return true;
    case Op::has_all:
      if (operand != nullptr) {
        out.push_back({operand->key, operand->key + after, true});
      }
      return operand != nullptr;
    case Op::in:
      for (std::uint32_t i = 0; i < node.count; ++i) {
        out.push_back({operand[i].key, operand[i].key + after, true});
      }
      return true;
    case Op::lt:
      out.push_back({"", operand->key, false});
      return true;
    case Op::lte:
      out.push_back({"", operand->key + after, false});
      return true;
    case Op::gt:
      out.push_back({operand->key + after, "", false});
      return true;
    case Op::gte:
      out.push_back({operand->key, "", false});
      return true;
    case Op::begins_with: {
      // Without the two bytes that end a string.
      const std::string begin = operand->key.substr(0, operand->key.size() - 2);
      out.push_back({begin, begin + after, false});
      return true;
    }
    default:
      return false;
  }
}

bool Selector::ranges_of(std::string_view field, std::vector<KeyRange>& out) const {
  bool bounded = false;
  bool fixed = false;  // By what an item may meet: that says nothing of other items.
  // The conditions that stand under "all" from the top on must hold.
  for (std::uint32_t at = 0; at < nodes_.size() && !fixed;) {
    const Node& node = nodes_[at];
    at = node.op == Op::all ? at + 1 : node.end;
    std::vector<KeyRange> own;
    bool of_item = false;
    if (node.op <= Op::none || fields_.name(node.slot) != field ||
        !append_ranges(node, own, of_item) || (of_item && bounded)) {
      continue;
    }
    fixed = of_item;
    out = std::exchange(bounded, true) ? common(out, own) : std::move(own);
  }
  return bounded;
}

}  // namespace frond::query
