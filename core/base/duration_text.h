#pragma once
// Durations as text, in the exact form NATS's JSON and headers use, which is Go's: "1m30s",
// "1.5ms".

#include <frond/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace frond::base {

/// As Go prints a duration: "0s", "15ns", "1.5µs", "2m0s", "1h0m0.5s".
std::string duration_format(Duration duration);

/// As Go reads one: "1.5s", "-2h45m", ".5s", "0"; units ns us µs ms s m h. Nothing when malformed
/// or when it does not fit.
std::optional<Duration> duration_parse(std::string_view text);

}  // namespace frond::base
