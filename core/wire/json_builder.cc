#include "wire/json_builder.h"

#include "base/sort.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace frond::wire {
namespace {

/// The fields of an object as the list that they are, with plain indexes.
using Fields = Json::object_t::Container;

// So few fields are compared with each other faster than sorted; most objects have no more.
constexpr std::size_t few_fields = 8;

bool has_doubles(const Fields& fields) {
  for (std::size_t i = 1; i < fields.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (fields[i].first == fields[j].first) {
        return true;
      }
    }
  }
  return false;
}

/// Positions in the order of their names; equal names stay in the order in which they came.
std::vector<std::size_t> by_name(const Fields& fields) {
  std::vector<std::size_t> order(fields.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  base::sort(order,
             [&fields](std::size_t a, std::size_t b) { return fields[a].first < fields[b].first; });
  return order;
}

/// A name stays where it first stood, with the value that it had last.
void drop_doubles(Fields& fields) {
  if (fields.size() <= few_fields && !has_doubles(fields)) {
    return;
  }
  const std::vector<std::size_t> order = by_name(fields);
  constexpr std::size_t dropped = ~std::size_t{0};
  std::vector<std::size_t> value_of(fields.size(), dropped);
  std::size_t kept_count = 0;
  for (std::size_t i = 0; i < order.size(); ++kept_count) {
    std::size_t last = i;
    while (last + 1 < order.size() && fields[order[last + 1]].first == fields[order[i]].first) {
      ++last;
    }
    value_of[order[i]] = order[last];
    i = last + 1;
  }
  if (kept_count == fields.size()) {
    return;
  }
  Fields kept;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (value_of[i] != dropped) {
      kept.push_back({fields[i].first, std::move(fields[value_of[i]].second)});
    }
  }
  fields.swap(kept);
}

/// What the library's parser calls for each part of the text.
class Builder {
 public:
  explicit Builder(Json& root) : root_(root) {}

  bool null() { return add(nullptr); }
  bool boolean(bool value) { return add(value); }
  bool number_integer(Json::number_integer_t value) { return add(value); }
  bool number_unsigned(Json::number_unsigned_t value) { return add(value); }
  bool number_float(Json::number_float_t value, const std::string&) { return add(value); }
  bool string(std::string& value) { return add(std::move(value)); }
  bool binary(Json::binary_t&) { return false; }
  bool start_object(std::size_t) { return open(Json::object()); }
  bool key(std::string& name) {
    fields().push_back({std::move(name), nullptr});
    return true;
  }
  bool end_object() {
    drop_doubles(fields());
    open_.pop_back();
    return true;
  }
  bool start_array(std::size_t) { return open(Json::array()); }
  bool end_array() {
    open_.pop_back();
    return true;
  }
  template <class Error>
  bool parse_error(std::size_t, const std::string&, const Error&) {
    return false;
  }

 private:
  Fields& fields() { return open_.back()->get_ref<Json::object_t&>(); }

  Json& place(Json value) {
    if (open_.empty()) {
      return root_ = std::move(value);
    }
    Json& parent = *open_.back();
    if (parent.is_object()) {
      return fields().back().second = std::move(value);
    }
    auto& items = parent.get_ref<Json::array_t&>();
    items.push_back(std::move(value));
    return items.back();
  }
  bool add(Json value) {
    place(std::move(value));
    return true;
  }
  bool open(Json value) {
    // It is its parent's last child as long as it is open, so it does not move.
    open_.push_back(&place(std::move(value)));
    return true;
  }

  Json& root_;
  std::vector<Json*> open_;  // From the outermost to the innermost.
};

}  // namespace

bool build_json(std::string_view text, Json& out) {
  Builder builder(out);
  return Json::sax_parse(text, &builder);
}

}  // namespace frond::wire
