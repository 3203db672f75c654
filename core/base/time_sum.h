#pragma once
// Sums of times whose parts come from users or other nodes, and so may be anything: they end where
// an Instant or Duration ends instead of wrapping.

#include <frond/types.h>

#include <cstdint>

namespace frond::base {

/// The sum, or the end of the range on the side where it would be.
constexpr std::int64_t bounded_sum(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b < 0 ? Duration::min().count() : Duration::max().count();
}

/// `span` after `at`; kNever when that is too far away to come.
constexpr Instant after(Instant at, Duration span) {
  return Instant(Duration(bounded_sum(at.time_since_epoch().count(), span.count())));
}
constexpr Duration sum(Duration a, Duration b) {
  return Duration(bounded_sum(a.count(), b.count()));
}
/// How long from `from` to `to`.
constexpr Duration between(WallTime from, WallTime to) {
  const std::int64_t minus =
      from == WallTime::min() ? Duration::max().count() : -from.time_since_epoch().count();
  return Duration(bounded_sum(to.time_since_epoch().count(), minus));
}

}  // namespace frond::base
