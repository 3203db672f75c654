#include "query/selector_compiler.h"

#include "base/limits.h"
#include "base/sort.h"
#include "base/time_text.h"
#include "wire/quote.h"

#include <array>
#include <nlohmann/json.hpp>

namespace frond::query {
namespace {

using wire::Json;

bool is_operator(std::string_view name) { return name.starts_with('$') && !is_pseudo_field(name); }

bool is_combination(std::string_view name) {
  return name == "$and" || name == "$or" || name == "$nor" || name == "$not";
}

constexpr std::array<std::string_view, 8> type_names{"",       "null",   "boolean", "boolean",
                                                     "number", "string", "array",   "object"};

struct Named {
  std::string_view name;
  SelectorCompiler::Op op;
};
constexpr std::array operations{
    Named{"$eq", SelectorCompiler::Op::eq},
    Named{"$ne", SelectorCompiler::Op::ne},
    Named{"$lt", SelectorCompiler::Op::lt},
    Named{"$lte", SelectorCompiler::Op::lte},
    Named{"$gt", SelectorCompiler::Op::gt},
    Named{"$gte", SelectorCompiler::Op::gte},
    Named{"$in", SelectorCompiler::Op::in},
    Named{"$nin", SelectorCompiler::Op::nin},
    Named{"$exists", SelectorCompiler::Op::exists},
    Named{"$type", SelectorCompiler::Op::type},
    Named{"$size", SelectorCompiler::Op::size},
    Named{"$mod", SelectorCompiler::Op::mod},
    Named{"$regex", SelectorCompiler::Op::regex},
    Named{"$beginsWith", SelectorCompiler::Op::begins_with},
    Named{"$all", SelectorCompiler::Op::has_all},
    Named{"$elemMatch", SelectorCompiler::Op::some_item},
    Named{"$allMatch", SelectorCompiler::Op::each_item},
};

/// A pseudo field stands in a path of one, by its own name.
bool is_pseudo(const SelectorCompiler::Path& path) {
  return path.size() == 1 && is_pseudo_field(path.front());
}

}  // namespace

std::string Selector::compile(const Json& selector) {
  SelectorCompiler compiler(*this, false);
  compiler.selector(selector, {});
  return compiler.take_fault();
}

std::string Selector::compile_item(const Json& condition) {
  SelectorCompiler compiler(*this, true);
  compiler.condition(condition, {});
  return compiler.take_fault();
}

void SelectorCompiler::fail(std::string_view what, std::string_view name) {
  if (fault_.empty()) {
    fault_ = what;
    if (!name.empty()) {
      fault_ += ' ' + wire::quoted(name);
    }
  }
}

std::uint32_t SelectorCompiler::open(Op op) {
  if (target_.nodes_.size() == base::query_conditions_max) {
    fail("too many conditions");
    return 0;
  }
  target_.nodes_.push_back({op, 0, 0, 0, 0});
  const auto at = static_cast<std::uint32_t>(target_.nodes_.size() - 1);
  close(at);
  return at;
}

void SelectorCompiler::close(std::uint32_t node) {
  target_.nodes_[node].end = static_cast<std::uint32_t>(target_.nodes_.size());
}

void SelectorCompiler::selector(const Json& given, const Path& below) {
  if (!given.is_object()) {
    return fail("a selector must be an object");
  }
  const std::uint32_t all = open(Op::all);
  for (auto at = given.begin(); at != given.end() && fault_.empty(); ++at) {
    if (is_combination(at.key())) {
      combination(at.key(), *at, below, false);
    } else if (is_operator(at.key())) {
      fail("unknown operator", at.key());
    } else {
      field(at.key(), *at, below);
    }
  }
  close(all);
}

void SelectorCompiler::field(const std::string& name, const Json& given, const Path& below) {
  Path path = below;
  if (!is_pseudo_field(name)) {
    for (std::string& token : split_path(name)) {
      path.push_back(std::move(token));
    }
  } else if (of_item_ || !below.empty()) {
    return fail("a field of the message inside another field:", name);
  } else {
    path.push_back(name);
  }
  condition(given, path);
}

void SelectorCompiler::condition(const Json& given, const Path& path) {
  if (!given.is_object() || given.empty()) {
    return operation("$eq", given, path);
  }
  const std::uint32_t all = open(Op::all);
  for (auto at = given.begin(); at != given.end() && fault_.empty(); ++at) {
    if (is_combination(at.key())) {
      combination(at.key(), *at, path, true);
    } else if (is_operator(at.key())) {
      operation(at.key(), *at, path);
    } else {
      field(at.key(), *at, path);
    }
  }
  close(all);
}

void SelectorCompiler::combination(std::string_view name, const Json& given, const Path& path,
                                   bool of_condition) {
  const bool one = name == "$not";
  if (!one && !given.is_array()) {
    return fail("no array:", name);
  }
  const std::uint32_t node = open(name == "$and" ? Op::all : name == "$or" ? Op::any : Op::none);
  const auto add_one = [&](const Json& each) {
    of_condition ? condition(each, path) : selector(each, path);
  };
  if (one) {
    add_one(given);
  } else {
    for (const Json& each : given) {
      if (!fault_.empty()) {
        break;
      }
      add_one(each);
    }
  }
  close(node);
}

Selector::Node* SelectorCompiler::add(Op op, const Path& path) {
  const std::size_t slot =
      is_pseudo(path) ? target_.fields_.add(path.front()) : target_.fields_.add_path(path);
  if (slot == Fields::none) {
    fail("too many fields");
    return nullptr;
  }
  const std::uint32_t at = open(op);
  if (!fault_.empty()) {
    return nullptr;
  }
  target_.nodes_[at].slot = static_cast<std::uint32_t>(slot);
  return &target_.nodes_[at];
}

std::uint32_t SelectorCompiler::operand(const Json& given, const Path& path) {
  Operand made;
  std::string json = given.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (is_pseudo(path) && path.front() == "$time" && given.is_string()) {
    const auto time = base::rfc3339_parse(given.get_ref<const std::string&>());
    if (!time) {
      fail("no time:", given.get_ref<const std::string&>());
    } else {
      json = std::to_string(time->time_since_epoch().count() / 1'000'000);
    }
  }
  Value value;
  JsonScan(json).value(value);
  made.kind = value.kind;
  if (value.kind == Kind::number) {
    made.number = number_of(value.text);
  } else if (value.kind == Kind::string) {
    append_text(made.text, value);
  }
  append_key(made.key, value);
  target_.operands_.push_back(std::move(made));
  return static_cast<std::uint32_t>(target_.operands_.size() - 1);
}

void SelectorCompiler::operation(std::string_view name, const Json& given, const Path& path) {
  const Named* found = operations.begin();
  while (found != operations.end() && found->name != name) {
    ++found;
  }
  if (found == operations.end()) {
    return fail("unknown operator", name);
  }
  switch (found->op) {
    case Op::in:
    case Op::nin:
    case Op::has_all:
      return list(found->op, given, path);
    case Op::type:
      return type(given, path);
    case Op::mod:
      return modulo(given, path);
    case Op::regex:
      return regex(given, path);
    case Op::some_item:
    case Op::each_item:
      if (!given.is_object()) {
        return fail("no object:", name);
      }
      return items(found->op, given, path);
    case Op::exists:
      if (!given.is_boolean()) {
        return fail("no boolean:", name);
      }
      if (Selector::Node* node = add(Op::exists, path)) {
        node->count = given.get<bool>() ? 1 : 0;
      }
      return;
    case Op::size:
      if (!given.is_number_unsigned()) {
        return fail("no natural number:", name);
      }
      if (Selector::Node* node = add(Op::size, path)) {
        node->first = static_cast<std::uint32_t>(
            std::min<std::uint64_t>(given.get<std::uint64_t>(), ~std::uint32_t{0}));
      }
      return;
    case Op::begins_with:
      if (!given.is_string()) {
        return fail("no string:", name);
      }
      break;
    default:
      break;
  }
  const std::uint32_t first = operand(given, path);
  if (Selector::Node* node = add(found->op, path)) {
    node->first = first;
    node->count = 1;
  }
}

void SelectorCompiler::list(Op op, const Json& given, const Path& path) {
  if (!given.is_array()) {
    return fail("$in, $nin and $all take an array");
  }
  std::vector<Operand> sorted;
  const auto first = static_cast<std::uint32_t>(target_.operands_.size());
  for (const Json& each : given) {
    operand(each, path);
    sorted.push_back(std::move(target_.operands_.back()));
    target_.operands_.pop_back();
  }
  base::sort(sorted, [](const Operand& a, const Operand& b) { return a.key < b.key; });
  for (Operand& each : sorted) {
    target_.operands_.push_back(std::move(each));
  }
  if (Selector::Node* node = add(op, path)) {
    node->first = first;
    node->count = static_cast<std::uint32_t>(sorted.size());
  }
}

void SelectorCompiler::type(const Json& given, const Path& path) {
  std::uint32_t kinds = 0;
  for (std::size_t kind = 1; kind < type_names.size(); ++kind) {
    kinds |= given == type_names[kind] ? 1u << kind : 0;
  }
  if (kinds == 0) {
    return fail("$type takes null, boolean, number, string, array or object");
  }
  if (Selector::Node* node = add(Op::type, path)) {
    node->first = kinds;
  }
}

void SelectorCompiler::modulo(const Json& given, const Path& path) {
  const auto integer = [](const Json& each) { return each.is_number_integer(); };
  if (!given.is_array() || given.size() != 2 || !integer(given[0]) || !integer(given[1]) ||
      given[0] == 0) {
    return fail("$mod takes a divisor that is not 0 and a remainder, both whole numbers");
  }
  const std::uint32_t first = operand(given[0], path);
  operand(given[1], path);
  if (Selector::Node* node = add(Op::mod, path)) {
    node->first = first;
  }
}

void SelectorCompiler::regex(const Json& given, const Path& path) {
  const auto* expression = given.get_ptr<const std::string*>();
  if (expression == nullptr) {
    return fail("$regex takes a string");
  }
  Regex compiled;
  if (const std::string fault = compiled.compile(*expression); !fault.empty()) {
    return fail("$regex, " + fault + ":", *expression);
  }
  if (Selector::Node* node = add(Op::regex, path)) {
    node->first = static_cast<std::uint32_t>(target_.regexes_.size());
    target_.regexes_.push_back(std::move(compiled));
  }
}

void SelectorCompiler::items(Op op, const Json& given, const Path& path) {
  auto item = std::make_unique<Selector>();
  if (const std::string fault = item->compile_item(given); !fault.empty()) {
    return fail(fault);
  }
  if (Selector::Node* node = add(op, path)) {
    node->first = static_cast<std::uint32_t>(target_.items_.size());
    target_.items_.push_back(std::move(item));
  }
}

}  // namespace frond::query
