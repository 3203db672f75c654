#pragma once
// Fields of a request whose values are a fixed set of words ("file", "memory"): one table of words
// and values reads and prints such a field. Used by the configs of streams and consumers.

#include "wire/json_reader.h"

#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace frond::wire {

template <class Value>
using Words = std::span<const std::pair<std::string_view, Value>>;

/// Leaves `out` alone when the field is absent. A value that is no word of the table ends the
/// reading as nats-server does: with `refusal` and the JSON text of the value, or, without a
/// refusal, with `can not unmarshal` and that text in quotes.
template <class Value>
void read_word(ObjectReader& reader, std::string_view field, Words<Value> words, Value& out,
               std::string_view refusal = {}) {
  const std::string text = reader.text_of(field);
  if (text.empty()) {
    return;
  }
  for (const auto& [word, value] : words) {
    if (text.front() == '"' && text.substr(1, text.size() - 2) == word) {
      out = value;
      return;
    }
  }
  reader.refuse_word(refusal, text);
}

/// Empty for a value that has no word.
template <class Value>
std::string_view word_of(Words<Value> words, Value value) {
  for (const auto& [word, candidate] : words) {
    if (candidate == value) {
      return word;
    }
  }
  return {};
}

}  // namespace frond::wire
