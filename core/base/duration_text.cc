#include "base/duration_text.h"

#include "base/number_text.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace frond::base {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};
// Both letters that look like a micro sign are in use: U+00B5 and U+03BC.
constexpr std::array<Unit, 8> units = {{{"ns", 1},
                                        {"us", 1'000},
                                        {"\xC2\xB5s", 1'000},
                                        {"\xCE\xBCs", 1'000},
                                        {"ms", 1'000'000},
                                        {"s", nanoseconds_per_second},
                                        {"m", 60 * nanoseconds_per_second},
                                        {"h", 3600 * nanoseconds_per_second}}};

std::optional<std::int64_t> take_unit(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && text[length] != '.' && !is_digit(text[length])) {
    ++length;
  }
  const std::string_view name = text.substr(0, length);
  text.remove_prefix(length);
  for (const Unit& unit : units) {
    if (unit.name == name) {
      return unit.nanoseconds;
    }
  }
  return std::nullopt;
}

/// One "12.5ms" of a duration, in nanoseconds; nothing when malformed or above 2^63.
std::optional<std::uint64_t> take_part(std::string_view& text) {
  constexpr std::uint64_t bound = 1ull << 63;
  std::uint64_t whole = 0;
  std::size_t digits = 0;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1), ++digits) {
    if (whole > bound / 10) {
      return std::nullopt;
    }
    whole = whole * 10 + static_cast<std::uint64_t>(text.front() - '0');
  }
  std::uint64_t fraction = 0;
  double scale = 1;
  if (take(text, '.')) {
    bool overflow = false;
    for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1), ++digits) {
      overflow = overflow || fraction > (bound - 1) / 10 - 1;
      if (!overflow) {
        fraction = fraction * 10 + static_cast<std::uint64_t>(text.front() - '0');
        scale *= 10;
      }
    }
  }
  if (digits == 0) {
    return std::nullopt;
  }
  const std::optional<std::int64_t> unit = take_unit(text);
  if (!unit) {
    return std::nullopt;
  }
  const auto factor = static_cast<std::uint64_t>(*unit);
  if (whole > bound / factor) {
    return std::nullopt;
  }
  std::uint64_t value = whole * factor;
  value += static_cast<std::uint64_t>(static_cast<double>(fraction) *
                                      (static_cast<double>(factor) / scale));
  return value > bound ? std::nullopt : std::optional(value);
}

}  // namespace

std::string duration_format(Duration duration) {
  const std::int64_t count = duration.count();
  if (count == 0) {
    return "0s";
  }
  // Unsigned, because the smallest value has no positive twin.
  const std::uint64_t value =
      count < 0 ? ~static_cast<std::uint64_t>(count) + 1 : static_cast<std::uint64_t>(count);
  std::string out = count < 0 ? "-" : "";
  const auto with_fraction = [&out](std::uint64_t amount, std::uint64_t unit, std::size_t width,
                                    std::string_view name) {
    out += std::to_string(amount / unit);
    append_fraction(out, static_cast<std::int64_t>(amount % unit), width);
    out += name;
  };
  if (value < 1'000) {
    with_fraction(value, 1, 0, "ns");
  } else if (value < 1'000'000) {
    with_fraction(value, 1'000, 3, "\xC2\xB5s");
  } else if (value < 1'000'000'000) {
    with_fraction(value, 1'000'000, 6, "ms");
  } else {
    constexpr std::uint64_t minute = 60ull * 1'000'000'000;
    const std::uint64_t minutes = value / minute;
    if (minutes >= 60) {
      out += std::to_string(minutes / 60) + "h";
    }
    if (minutes > 0) {
      out += std::to_string(minutes % 60) + "m";
    }
    with_fraction(value % minute, 1'000'000'000, 9, "s");
  }
  return out;
}

std::optional<Duration> duration_parse(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative || (!text.empty() && text.front() == '+')) {
    text.remove_prefix(1);
  }
  if (text == "0") {
    return Duration(0);
  }
  if (text.empty()) {
    return std::nullopt;
  }
  constexpr std::uint64_t bound = 1ull << 63;
  std::uint64_t total = 0;
  while (!text.empty()) {
    const std::optional<std::uint64_t> part = take_part(text);
    if (!part || *part > bound - total) {
      return std::nullopt;
    }
    total += *part;
  }
  if (negative) {
    return Duration(static_cast<std::int64_t>(~total + 1));
  }
  if (total == bound) {
    return std::nullopt;
  }
  return Duration(static_cast<std::int64_t>(total));
}

}  // namespace frond::base
