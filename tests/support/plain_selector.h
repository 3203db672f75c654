#pragma once
// Mango selectors over parsed JSON, as plainly as they can be written: what the query engine, which
// never parses a document, is compared with. Knows no $regex and no fields of the message.

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace frond::test {

using PlainJson = nlohmann::ordered_json;

inline int plain_rank(const PlainJson& value) {
  switch (value.type()) {
    case PlainJson::value_t::null:
      return 1;
    case PlainJson::value_t::boolean:
      return value.get<bool>() ? 3 : 2;
    case PlainJson::value_t::string:
      return 5;
    case PlainJson::value_t::array:
      return 6;
    case PlainJson::value_t::object:
      return 7;
    default:
      return 4;
  }
}

inline int plain_compare(const PlainJson& a, const PlainJson& b) {
  const auto sign = [](auto x, auto y) { return x < y ? -1 : y < x ? 1 : 0; };
  if (plain_rank(a) != plain_rank(b)) return sign(plain_rank(a), plain_rank(b));
  if (a.is_number()) return sign(a.get<double>(), b.get<double>());
  if (a.is_string()) return sign(a.get<std::string>().compare(b.get<std::string>()), 0);
  if (a.is_array()) {
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
      if (const int order = plain_compare(a[i], b[i]); order != 0) return order;
    }
    return sign(a.size(), b.size());
  }
  if (a.is_object()) {
    const nlohmann::json left = nlohmann::json::parse(a.dump());  // Sorts the names.
    const nlohmann::json right = nlohmann::json::parse(b.dump());
    auto x = left.begin();
    auto y = right.begin();
    for (; x != left.end() && y != right.end(); ++x, ++y) {
      if (x.key() != y.key()) return sign(x.key().compare(y.key()), 0);
      const int order =
          plain_compare(PlainJson::parse(x.value().dump()), PlainJson::parse(y.value().dump()));
      if (order != 0) return order;
    }
    return sign(left.size(), right.size());
  }
  return 0;
}

inline const PlainJson* plain_field(const PlainJson* value, std::string_view path) {
  std::string token;
  const auto step = [&] {
    if (value != nullptr && value->is_object()) {
      const auto found = value->find(token);
      value = found == value->end() ? nullptr : &*found;
    } else if (value != nullptr && value->is_array()) {
      const PlainJson* item = nullptr;
      for (std::size_t i = 0; i < value->size(); ++i) {
        if (std::to_string(i) == token) item = &(*value)[i];
      }
      value = item;
    } else {
      value = nullptr;
    }
    token.clear();
  };
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '\\' && i + 1 < path.size()) {
      token += path[++i];
    } else if (path[i] == '.') {
      step();
    } else {
      token += path[i];
    }
  }
  step();
  return value;
}

bool plain_matches(const PlainJson& selector, const PlainJson* value);

inline bool plain_in(const PlainJson& list, const PlainJson& value) {
  for (const PlainJson& each : list) {
    if (plain_compare(each, value) == 0) return true;
    if (!value.is_array()) continue;
    for (const PlainJson& item : value) {
      if (plain_compare(each, item) == 0) return true;
    }
  }
  return false;
}

bool plain_condition(const PlainJson& condition, const PlainJson* value);

inline bool plain_items(const PlainJson& asked, const PlainJson& value, bool every) {
  if (!value.is_array() || value.empty()) return false;
  for (const PlainJson& item : value) {
    if (plain_condition(asked, &item) != every) return !every;
  }
  return every;
}

inline bool plain_operation(const std::string& name, const PlainJson& asked,
                            const PlainJson* value) {
  if (name == "$exists") return (value != nullptr) == asked.get<bool>();
  if (name == "$ne") return value == nullptr || plain_compare(*value, asked) != 0;
  if (value == nullptr) return false;
  if (name == "$eq") return plain_compare(*value, asked) == 0;
  if (name == "$lt") return plain_compare(*value, asked) < 0;
  if (name == "$lte") return plain_compare(*value, asked) <= 0;
  if (name == "$gt") return plain_compare(*value, asked) > 0;
  if (name == "$gte") return plain_compare(*value, asked) >= 0;
  if (name == "$in") return plain_in(asked, *value);
  if (name == "$nin") return !plain_in(asked, *value);
  if (name == "$size") return value->is_array() && value->size() == asked.get<std::uint64_t>();
  if (name == "$elemMatch") return plain_items(asked, *value, false);
  if (name == "$allMatch") return plain_items(asked, *value, true);
  if (name == "$mod") {
    if (!value->is_number()) return false;
    const double number = value->get<double>();
    return number == std::trunc(number) &&
           std::fmod(number, asked[0].get<double>()) == asked[1].get<double>();
  }
  if (name == "$beginsWith") {
    return value->is_string() && value->get<std::string>().starts_with(asked.get<std::string>());
  }
  if (name == "$type") {
    constexpr const char* names[] = {"",       "null",   "boolean", "boolean",
                                     "number", "string", "array",   "object"};
    return asked == names[plain_rank(*value)];
  }
  if (name == "$all") {
    if (!value->is_array()) return false;
    for (const PlainJson& each : asked) {
      bool found = false;
      for (const PlainJson& item : *value) found = found || plain_compare(each, item) == 0;
      if (!found) return false;
    }
    return true;
  }
  return false;
}

inline bool plain_combination(const std::string& name, const PlainJson& asked,
                              const PlainJson* value,
                              bool (*matches)(const PlainJson&, const PlainJson*)) {
  if (name == "$not") return !matches(asked, value);
  bool any = false;
  bool every = true;
  for (const PlainJson& each : asked) {
    const bool one = matches(each, value);
    any = any || one;
    every = every && one;
  }
  return name == "$and" ? every : name == "$or" ? any : !any;
}

inline bool plain_is_combination(const std::string& name) {
  return name == "$and" || name == "$or" || name == "$nor" || name == "$not";
}

inline bool plain_condition(const PlainJson& condition, const PlainJson* value) {
  if (!condition.is_object() || condition.empty()) return plain_operation("$eq", condition, value);
  for (auto at = condition.begin(); at != condition.end(); ++at) {
    const bool met =
        plain_is_combination(at.key()) ? plain_combination(at.key(), *at, value, plain_condition)
        : at.key().starts_with('$')    ? plain_operation(at.key(), *at, value)
                                       : plain_condition(*at, plain_field(value, at.key()));
    if (!met) return false;
  }
  return true;
}

inline bool plain_matches(const PlainJson& selector, const PlainJson* value) {
  for (auto at = selector.begin(); at != selector.end(); ++at) {
    const bool met = plain_is_combination(at.key())
                         ? plain_combination(at.key(), *at, value, plain_matches)
                         : plain_condition(*at, plain_field(value, at.key()));
    if (!met) return false;
  }
  return true;
}

}  // namespace frond::test
