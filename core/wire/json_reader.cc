#include "wire/json_reader.h"

#include "base/time_text.h"
#include "wire/json_builder.h"
#include "wire/json_syntax.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

namespace frond::wire {
namespace {

bool same_letters(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

/// What Go's decoder calls the kind of value it found.
std::string go_kind(const Json& value) {
  switch (value.type()) {
    case Json::value_t::string:
      return "string";
    case Json::value_t::boolean:
      return "bool";
    case Json::value_t::object:
      return "object";
    case Json::value_t::array:
      return "array";
    default:
      return "number";
  }
}

/// Deepest nesting of the text, without recursion, before any parser allocates for it.
std::size_t depth_of(std::string_view text) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

}  // namespace

std::string parse_json(std::string_view text, Json& out, std::size_t depth_max) {
  out = nullptr;
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return {};
  }
  if (depth_of(text) > depth_max) {
    return "exceeded max depth";
  }
  Json parsed;
  if (!build_json(text, parsed)) {
    const std::string fault = json_syntax_error(text);
    // What the grammar allows and the parser refuses is text that is no UTF-8.
    return fault.empty() ? "invalid UTF-8 in string" : fault;
  }
  out = std::move(parsed);
  return {};
}

std::string print_json(const Json& value) {
  const std::string plain = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string escaped;
  escaped.reserve(plain.size() + plain.size() / 16);
  for (const char c : plain) {
    // These three occur inside strings only, so a plain replacement is right.
    switch (c) {
      case '<':
        escaped += "\\u003c";
        break;
      case '>':
        escaped += "\\u003e";
        break;
      case '&':
        escaped += "\\u0026";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

ObjectReader::ObjectReader(const Json& value, std::string_view go_type, std::string& error)
    : go_type_(go_type), error_(error) {
  if (value.is_object()) {
    value_ = &value;
  } else if (!value.is_null()) {
    fail("json: cannot unmarshal " + go_kind(value) + " into Go value of type server." + go_type_);
  }
}

ObjectReader::ObjectReader(const ObjectReader& parent, std::string_view field, const Json& value)
    : value_(&value),
      go_type_(std::string(parent.go_type_).append(".").append(field)),
      error_(parent.error_) {}

ObjectReader::ObjectReader(const ObjectReader& parent, std::string_view field, std::size_t index,
                           const Json& value, std::string_view go_type)
    : ObjectReader(parent, std::string(field).append(".").append(std::to_string(index)), value) {
  if (!value.is_object()) {
    value_ = nullptr;
  }
  if (!value.is_object() && !value.is_null()) {
    fail("json: cannot unmarshal " + go_kind(value) + " into " + go_type_ + " of type " +
         std::string(go_type));
  }
}

void ObjectReader::fail(std::string text) {
  if (error_.empty()) {
    error_ = std::move(text);
  }
}

const Json* ObjectReader::find(std::string_view name) {
  known_.push_back(name);
  if (value_ == nullptr) {
    return nullptr;
  }
  auto found = value_->find(name);
  if (found == value_->end()) {
    for (auto it = value_->begin(); it != value_->end(); ++it) {
      if (same_letters(it.key(), name)) {
        found = it;
        break;
      }
    }
  }
  return found == value_->end() ? nullptr : &*found;
}

const Json* ObjectReader::take(std::string_view name) {
  const Json* const found = find(name);
  return found == nullptr || found->is_null() ? nullptr : found;
}

std::string ObjectReader::text_of(std::string_view name) {
  const Json* const found = find(name);
  return found == nullptr ? std::string() : print_json(*found);
}

void ObjectReader::refuse_word(std::string_view refusal, const std::string& text) {
  fail(refusal.empty() ? "can not unmarshal " + print_json(Json(text))
                       : std::string(refusal).append(": ").append(text));
}

void ObjectReader::mismatch(std::string_view name, const Json& found,
                            std::string_view go_field_type) {
  // Go shows a number that does not fit an integer by its digits.
  std::string kind = go_kind(found);
  if (found.is_number() &&
      (go_field_type.find("int") != std::string_view::npos || go_field_type == "time.Duration")) {
    kind += " " + found.dump();
  }
  fail("json: cannot unmarshal " + kind + " into Go struct field " + go_type_ + "." +
       std::string(name) + " of type " + std::string(go_field_type));
}

void ObjectReader::mismatch(std::string_view name, std::size_t index, const Json& found,
                            std::string_view go_type) {
  fail("json: cannot unmarshal " + go_kind(found) + " into " + go_type_ + "." + std::string(name) +
       "." + std::to_string(index) + " of type " + std::string(go_type));
}

void ObjectReader::read(std::string_view name, std::string& out) {
  if (const Json* field = take(name)) {
    if (const auto* text = field->get_ptr<const std::string*>()) {
      out = *text;
    } else {
      mismatch(name, *field, "string");
    }
  }
}

void ObjectReader::read(std::string_view name, bool& out) {
  if (const Json* field = take(name)) {
    if (const auto* flag = field->get_ptr<const bool*>()) {
      out = *flag;
    } else {
      mismatch(name, *field, "bool");
    }
  }
}

template <class Integer>
void ObjectReader::read_integer(std::string_view name, Integer& out,
                                std::string_view go_field_type) {
  const Json* field = take(name);
  if (field == nullptr) {
    return;
  }
  if (const auto* natural = field->get_ptr<const Json::number_unsigned_t*>()) {
    if (std::in_range<Integer>(*natural)) {
      out = static_cast<Integer>(*natural);
      return;
    }
  } else if (const auto* integer = field->get_ptr<const Json::number_integer_t*>()) {
    if (std::in_range<Integer>(*integer)) {
      out = static_cast<Integer>(*integer);
      return;
    }
  }
  mismatch(name, *field, go_field_type);
}

void ObjectReader::read(std::string_view name, std::int32_t& out, std::string_view go_field_type) {
  read_integer(name, out, go_field_type);
}
void ObjectReader::read(std::string_view name, std::int64_t& out, std::string_view go_field_type) {
  read_integer(name, out, go_field_type);
}
void ObjectReader::read(std::string_view name, std::uint64_t& out) {
  read_integer(name, out, "uint64");
}

void ObjectReader::read(std::string_view name, Duration& out) {
  std::int64_t nanoseconds = out.count();
  read_integer(name, nanoseconds, "time.Duration");
  out = Duration(nanoseconds);
}

void ObjectReader::read(std::string_view name, std::optional<WallTime>& out) {
  if (const Json* field = take(name)) {
    const auto* text = field->get_ptr<const std::string*>();
    if (text == nullptr) {
      return fail("Time.UnmarshalJSON: input is not a JSON string");
    }
    const std::optional<WallTime> time = base::rfc3339_parse(*text);
    if (!time) {
      return fail("parsing time \"" + *text +
                  "\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"" + *text +
                  "\" as \"2006\"");
    }
    out = time;
  }
}

void ObjectReader::read(std::string_view name, std::vector<std::string>& out) {
  if (const Json* items = array(name, "[]string")) {
    out.clear();
    for (const Json& item : *items) {
      const auto* text = item.get_ptr<const std::string*>();
      if (text == nullptr && !item.is_null()) {
        return mismatch(name, out.size(), item, "string");
      }
      out.push_back(text == nullptr ? std::string() : *text);
    }
  }
}

void ObjectReader::read(std::string_view name, std::vector<Duration>& out) {
  if (const Json* items = array(name, "[]time.Duration")) {
    out.clear();
    for (const Json& item : *items) {
      const auto* integer = item.get_ptr<const Json::number_integer_t*>();
      const auto* natural = item.get_ptr<const Json::number_unsigned_t*>();
      if (natural != nullptr && std::in_range<std::int64_t>(*natural)) {
        out.emplace_back(static_cast<std::int64_t>(*natural));
      } else if (natural == nullptr && integer != nullptr) {
        out.emplace_back(*integer);
      } else {
        return mismatch(name, out.size(), item, "time.Duration");
      }
    }
  }
}

void ObjectReader::read(std::string_view name, std::map<std::string, std::string>& out) {
  if (const Json* fields = object(name, "map[string]string")) {
    out.clear();
    for (auto it = fields->begin(); it != fields->end(); ++it) {
      const auto* text = it->get_ptr<const std::string*>();
      if (text == nullptr && !it->is_null()) {
        return mismatch(std::string(name) + "." + it.key(), *it, "string");
      }
      out[it.key()] = text == nullptr ? std::string() : *text;
    }
  }
}

const Json* ObjectReader::object(std::string_view name, std::string_view go_field_type) {
  const Json* field = take(name);
  if (field != nullptr && !field->is_object()) {
    mismatch(name, *field, go_field_type);
    return nullptr;
  }
  return field;
}

const Json* ObjectReader::array(std::string_view name, std::string_view go_field_type) {
  const Json* field = take(name);
  if (field != nullptr && !field->is_array()) {
    mismatch(name, *field, go_field_type);
    return nullptr;
  }
  return field;
}

void ObjectReader::finish() {
  if (value_ == nullptr || !error_.empty()) {
    return;
  }
  for (auto it = value_->begin(); it != value_->end(); ++it) {
    const bool known = std::any_of(known_.begin(), known_.end(), [&](std::string_view name) {
      return same_letters(it.key(), name);
    });
    if (!known) {
      return fail("json: unknown field \"" + it.key() + "\"");
    }
  }
}

}  // namespace frond::wire
