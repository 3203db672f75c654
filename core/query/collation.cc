#include "query/collation.h"

#include "base/limits.h"

#include <bit>
#include <cstdint>
#include <utility>

namespace frond::query {
namespace {

constexpr char kind_base = 2;  // 0 ends a string, an array or an object.

void append_string_key(std::string& out, const Value& value) {
  const std::size_t begin = out.size();
  append_text(out, value);
  for (std::size_t at = out.find('\0', begin); at != std::string::npos;
       at = out.find('\0', at + 2)) {
    out.insert(at + 1, 1, '\xFF');
  }
  out.append(2, '\0');
}

void append_nested(std::string& out, const Value& value, std::size_t depth);

void append_object_key(std::string& out, const Value& value, std::size_t depth) {
  std::vector<std::pair<std::string, Value>> members;
  JsonScan scan(value.text);
  scan.enter();
  Value name;
  Value member;
  while (scan.name(name) && scan.value(member)) {
    std::string key;
    append_string_key(key, name);
    auto place = members.end();
    while (place != members.begin() && key < std::prev(place)->first) {
      --place;
    }
    members.insert(place, {std::move(key), member});
  }
  for (const auto& [key, inner] : members) {
    out.append(1, kind_base).append(key);
    append_nested(out, inner, depth);
  }
}

void append_nested(std::string& out, const Value& value, std::size_t depth) {
  out.push_back(static_cast<char>(kind_base + static_cast<char>(value.kind)));
  if (value.kind == Kind::number) {
    append_number_key(out, number_of(value.text));
  } else if (value.kind == Kind::string) {
    append_string_key(out, value);
  } else if (value.kind >= Kind::array) {
    if (depth > 0 && value.kind == Kind::object) {
      append_object_key(out, value, depth - 1);
    } else if (depth > 0) {
      JsonScan scan(value.text);
      scan.enter();
      Value item;
      while (scan.item() && scan.value(item)) {
        append_nested(out, item, depth - 1);
      }
    }
    out.push_back('\0');
  }
}

int sign(int order) { return (order > 0) - (order < 0); }

}  // namespace

void append_number_key(std::string& out, double number) {
  constexpr std::uint64_t negative = std::uint64_t{1} << 63;
  auto bits = std::bit_cast<std::uint64_t>(number == 0 ? 0.0 : number);
  bits = (bits & negative) != 0 ? ~bits : bits | negative;
  for (int shift = 56; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(bits >> shift));
  }
}

void append_key(std::string& out, const Value& value) {
  append_nested(out, value, base::json_depth_max);
}

void invert(std::string& key, std::size_t begin) {
  for (; begin < key.size(); ++begin) {
    key[begin] = static_cast<char>(~key[begin]);
  }
}

int compare(const Value& value, const Operand& operand, std::string& scratch) {
  if (value.kind != operand.kind) {
    return value.kind < operand.kind ? -1 : 1;
  }
  if (value.kind < Kind::number) {
    return 0;
  }
  if (value.kind == Kind::number) {
    const double number = number_of(value.text);
    return (number > operand.number) - (number < operand.number);
  }
  if (value.kind == Kind::string && !value.escaped) {
    return sign(value.text.compare(operand.text));
  }
  scratch.clear();
  append_key(scratch, value);
  return sign(scratch.compare(operand.key));
}

}  // namespace frond::query
