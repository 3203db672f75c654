#include "wire/quote.h"

#include <cstddef>
#include <cstdint>

namespace frond::wire {
namespace {

/// Length of the well-formed UTF-8 sequence at the front; 0 when there is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t length = first < 0x80                     ? 1
                             : first >= 0xC2 && first <= 0xDF ? 2
                             : first >= 0xE0 && first <= 0xEF ? 3
                             : first >= 0xF0 && first <= 0xF4 ? 4
                                                              : 0;
  if (length == 0 || text.size() < length) {
    return 0;
  }
  for (std::size_t i = 1; i < length; ++i) {
    if (byte(i) < 0x80 || byte(i) > 0xBF) {
      return 0;
    }
  }
  // Overlong forms, surrogates, and what lies above U+10FFFF.
  if ((first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F) ||
      (first == 0xF0 && byte(1) < 0x90) || (first == 0xF4 && byte(1) > 0x8F)) {
    return 0;
  }
  return length;
}

void append_hex(std::string& out, unsigned char byte) {
  constexpr std::string_view digits = "0123456789abcdef";
  out.append("\\x");
  out.push_back(digits[byte >> 4]);
  out.push_back(digits[byte & 15]);
}

}  // namespace

std::string quoted(std::string_view text) {
  constexpr std::string_view named = "\a\b\t\n\v\f\r\"\\";
  constexpr std::string_view letters = "abtnvfr\"\\";
  std::string out = "\"";
  while (!text.empty()) {
    const char c = text.front();
    const std::size_t length = utf8_length(text);
    if (const std::size_t i = named.find(c); i != std::string_view::npos) {
      out.push_back('\\');
      out.push_back(letters[i]);
    } else if (length == 0 || static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      append_hex(out, static_cast<unsigned char>(c));
      text.remove_prefix(1);
      continue;
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(length);
  }
  out.push_back('"');
  return out;
}

}  // namespace frond::wire
