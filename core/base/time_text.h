#pragma once
// Times as text, in the exact form NATS's JSON and headers use, which is Go's: RFC 3339 with
// nanoseconds whose trailing zeros are cut. Times are given; nothing here reads a clock.

#include <frond/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace frond::base {

/// The time that Go programs mean by "no time". WallTimes do not reach the year 1:
/// WallTime::min() stands for it in both directions.
inline constexpr std::string_view zero_time_text = "0001-01-01T00:00:00Z";

/// UTC, e.g. "2026-11-23T20:55:50.1234Z"; WallTime::min() gives zero_time_text.
std::string rfc3339_format(WallTime time);

/// With 'Z' or an offset, up to nine digits of a second (more are cut). Times that a WallTime
/// cannot hold become WallTime::min() or WallTime::max(). Nothing when malformed.
std::optional<WallTime> rfc3339_parse(std::string_view text);

}  // namespace frond::base
