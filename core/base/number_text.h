#pragma once
// Numbers inside times and durations as text: what time_text and duration_text have in common. The
// taking functions remove what they took from the front.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace frond::base {

inline constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;

inline void append_padded(std::string& out, std::int64_t value, std::size_t width) {
  std::string digits = std::to_string(value);
  if (digits.size() < width) {
    out.append(width - digits.size(), '0');
  }
  out += digits;
}

/// Appends ".25" for 250'000'000 of 10^9 with width 9; nothing for zero.
inline void append_fraction(std::string& out, std::int64_t fraction, std::size_t width) {
  if (fraction == 0) {
    return;
  }
  out.push_back('.');
  append_padded(out, fraction, width);
  while (out.back() == '0') {
    out.pop_back();
  }
}

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

inline bool take(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

}  // namespace frond::base
