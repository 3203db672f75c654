#include "base/time_text.h"

#include "base/number_text.h"

#include <cstddef>
#include <cstdint>
#include <limits>

namespace frond::base {
namespace {

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

}  // namespace

std::string rfc3339_format(WallTime time) {
  if (time == WallTime::min()) {
    return std::string(zero_time_text);
  }
  // Whole numbers instead of chrono's floor, whose result overflows on a WallTime's first day.
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

std::optional<WallTime> rfc3339_parse(std::string_view text) {
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
  // One second less than a WallTime holds, so that the nanoseconds always fit.
  constexpr std::int64_t bound =
      std::numeric_limits<std::int64_t>::max() / nanoseconds_per_second - 1;
  if (total < -bound) {
    return WallTime::min();
  }
  if (total > bound) {
    return WallTime::max();
  }
  return WallTime(Duration(total * nanoseconds_per_second + nanoseconds));
}

}  // namespace frond::base
