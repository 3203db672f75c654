#pragma once
// What may stand as one word in a line of the protocol: subjects, replies, queue groups, sids. A
// blank ends a word and a line break ends the line, so a value that has one would become another
// line than was meant. Asked by writer for every word it writes; pure, and fast since it sees every
// message.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace frond::wire {

/// Whether the byte separates words or lines, for us or for any other reader: blanks, line breaks
/// and the other white space of ASCII, and NUL.
constexpr bool is_separator(char c) { return c == ' ' || c == '\0' || (c >= '\t' && c <= '\r'); }

/// Whether the text is one word: not empty and without separators.
inline bool is_word(std::string_view text) {
  // Eight bytes at a time: is any of them at most a blank? Only then it is looked at closely.
  constexpr std::uint64_t ones = 0x0101010101010101u;
  constexpr std::uint64_t above_blank = ones * (' ' + 1);
  constexpr std::size_t step = sizeof(std::uint64_t);
  bool suspect = false;
  if (text.size() >= step) {
    const auto low_at = [&text](std::size_t i) {
      std::uint64_t bytes;
      std::memcpy(&bytes, text.data() + i, step);
      return (bytes - above_blank) & ~bytes;
    };
    // The last eight overlap with those before them, so that no byte is left to be looked at alone.
    std::uint64_t low = low_at(text.size() - step);
    for (std::size_t i = 0; i + step < text.size(); i += step) {
      low |= low_at(i);
    }
    suspect = (low & (ones << 7)) != 0;
  } else {
    for (const char c : text) {
      suspect |= static_cast<unsigned char>(c) <= ' ';
    }
  }
  if (suspect) {
    for (const char c : text) {
      if (is_separator(c)) {
        return false;
      }
    }
  }
  return !text.empty();
}

}  // namespace frond::wire
