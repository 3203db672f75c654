#pragma once
// The order of JSON values, as CouchDB has it: missing, null, false, true, numbers, strings,
// arrays, objects; strings by their code points, arrays item by item, objects by their sorted
// names. A value becomes a key, bytes whose order is the order of the values, so that sorting,
// indexes, groups and bookmarks compare bytes and nothing else.

#include "query/value.h"

#include <string>
#include <string_view>
#include <vector>

namespace frond::query {

/// Appends the key. No key is the beginning of another, so that several make one of a compound.
void append_key(std::string& out, const Value& value);
void append_number_key(std::string& out, double number);
/// Turns the order of what stands from `begin` on.
void invert(std::string& key, std::size_t begin);

/// A value that documents are compared with, and its key.
struct Operand {
  Kind kind = Kind::missing;
  double number = 0;
  std::string text;  ///< Of a string.
  std::string key;
};

/// Below, equal or above, as -1, 0, 1. `scratch` is for the key that may have to be made.
int compare(const Value& value, const Operand& operand, std::string& scratch);

}  // namespace frond::query
