#pragma once
// The arguments of a line, cut into words without a copy, and the numbers among them. Used by
// parser for each line.

#include "wire/verbs.h"

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace frond::wire {

/// Splits at spaces and tabs; at most `most` words, of which any more make the count too large.
template <std::size_t most>
struct Words {
  explicit Words(std::string_view text) {
    std::size_t i = 0;
    for (;;) {
      while (i < text.size() && ends_word(text[i])) {
        ++i;
      }
      if (i == text.size()) {
        return;
      }
      const std::size_t begin = i;
      while (i < text.size() && !ends_word(text[i])) {
        ++i;
      }
      if (count == most) {
        ++count;
        return;
      }
      word[count++] = text.substr(begin, i - begin);
    }
  }
  std::array<std::string_view, most> word;
  std::size_t count = 0;

 private:
  /// For most bytes one comparison says it.
  static bool ends_word(char c) {
    return static_cast<unsigned char>(c) <= ' ' && (is_gap(c) || c == '\r');
  }
};

/// Up to nine digits, as in nats-server.
inline std::optional<std::size_t> parse_size(std::string_view digits) {
  if (digits.empty() || digits.size() > 9) {
    return std::nullopt;
  }
  std::size_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') {
      return std::nullopt;
    }
    value = value * 10 + static_cast<std::size_t>(c - '0');
  }
  return value;
}

}  // namespace frond::wire
