#include "base/time_text.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace frond::base {
namespace {

constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;

void append_padded(std::string& out, std::int64_t value, std::size_t width) {
  std::string digits = std::to_string(value);
  if (digits.size() < width) {
    out.append(width - digits.size(), '0');
  }
  out += digits;
}

/// Appends ".25" for 250'000'000 of 10^9 with width 9; nothing for zero.
void append_fraction(std::string& out, std::int64_t fraction, std::size_t width) {
  if (fraction == 0) {
    return;
  }
  out.push_back('.');
  append_padded(out, fraction, width);
  while (out.back() == '0') {
    out.pop_back();
  }
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes exactly `width` digits off the front; -1 when there are fewer.
int take_number(std::string_view& text, std::size_t width) {
  if (text.size() < width) {
    return -1;
  }
  int value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    if (!is_digit(text[i])) {
      return -1;
    }
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(width);
  return value;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

/// The nanoseconds behind a decimal point; -1 when the point has no digit behind it.
std::int64_t take_nanoseconds(std::string_view& text) {
  if (!take(text, '.') && !take(text, ',')) {
    return 0;
  }
  if (text.empty() || !is_digit(text.front())) {
    return -1;
  }
  std::int64_t value = 0;
  std::int64_t scale = nanoseconds_per_second / 10;
  while (!text.empty() && is_digit(text.front())) {
    value += (text.front() - '0') * scale;
    scale /= 10;
    text.remove_prefix(1);
  }
  return value;
}

/// Seconds east of Greenwich; nothing when neither 'Z' nor an offset follows.
std::optional<std::int64_t> take_offset(std::string_view& text) {
  if (take(text, 'Z')) {
    return 0;
  }
  const bool west = !text.empty() && text.front() == '-';
  if (!west && (text.empty() || text.front() != '+')) {
    return std::nullopt;
  }
  text.remove_prefix(1);
  const int hours = take_number(text, 2);
  if (hours < 0 || hours > 24 || !take(text, ':')) {
    return std::nullopt;
  }
  const int minutes = take_number(text, 2);
  if (minutes < 0 || minutes > 60) {
    return std::nullopt;
  }
  const std::int64_t offset = hours * 3600 + minutes * 60;
  return west ? -offset : offset;
}

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

std::string rfc3339_format(Instant time) {
  if (time == Instant::min()) {
    return std::string(zero_time_text);
  }
  // Whole numbers instead of chrono's floor, whose result overflows on an Instant's first day.
  constexpr std::int64_t nanoseconds_per_day = 86'400 * nanoseconds_per_second;
  const std::int64_t count = time.time_since_epoch().count();
  std::int64_t day = count / nanoseconds_per_day;
  std::int64_t of_day = count % nanoseconds_per_day;
  if (of_day < 0) {
    of_day += nanoseconds_per_day;
    --day;
  }
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
  const std::int64_t seconds = of_day / nanoseconds_per_second;
  std::string out;
  out.reserve(30);
  append_padded(out, static_cast<int>(date.year()), 4);
  out.push_back('-');
  append_padded(out, static_cast<unsigned>(date.month()), 2);
  out.push_back('-');
  append_padded(out, static_cast<unsigned>(date.day()), 2);
  out.push_back('T');
  append_padded(out, seconds / 3600, 2);
  out.push_back(':');
  append_padded(out, seconds / 60 % 60, 2);
  out.push_back(':');
  append_padded(out, seconds % 60, 2);
  append_fraction(out, of_day % nanoseconds_per_second, 9);
  out.push_back('Z');
  return out;
}

std::optional<Instant> rfc3339_parse(std::string_view text) {
  const int year = take_number(text, 4);
  const bool dash = take(text, '-');
  const int month = take_number(text, 2);
  const bool second_dash = take(text, '-');
  const int day = take_number(text, 2);
  if (year < 0 || month < 0 || day < 0 || !dash || !second_dash || !take(text, 'T')) {
    return std::nullopt;
  }
  const int hours = take_number(text, 2);
  const bool colon = take(text, ':');
  const int minutes = take_number(text, 2);
  const bool second_colon = take(text, ':');
  const int seconds = take_number(text, 2);
  if (!colon || !second_colon || hours < 0 || hours > 23 || minutes < 0 || minutes > 59 ||
      seconds < 0 || seconds > 59) {
    return std::nullopt;
  }
  const std::int64_t nanoseconds = take_nanoseconds(text);
  const std::optional<std::int64_t> offset = take_offset(text);
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (nanoseconds < 0 || !offset || !text.empty() || !date.ok()) {
    return std::nullopt;
  }
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t total = days * 86'400 + hours * 3600 + minutes * 60 + seconds - *offset;
  // One second less than an Instant holds, so that the nanoseconds always fit.
  constexpr std::int64_t bound =
      std::numeric_limits<std::int64_t>::max() / nanoseconds_per_second - 1;
  if (total < -bound) {
    return Instant::min();
  }
  if (total > bound) {
    return Instant::max();
  }
  return Instant(Duration(total * nanoseconds_per_second + nanoseconds));
}

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
