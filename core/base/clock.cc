#include "base/clock.h"

#include "base/limits.h"

#include <algorithm>
#include <cstdint>

namespace frond::base {
namespace {

// Decades around everything that occurs, and their sums and differences still fit.
constexpr Duration far{std::int64_t{1} << 61};
// Where our timeline begins: well above the Instant{} that some timers mean "long ago" by.
constexpr Instant beginning{far / 2};

template <class Time>
constexpr Time within(Time at, Duration lowest, Duration highest) {
  return Time(std::clamp(at.time_since_epoch(), lowest, highest));
}

}  // namespace

bool Clock::advance(Now reading) {
  const Duration ahead = wall_ahead_;
  const bool first = !running_;
  const Instant host = within(reading.monotonic, -far, far);
  if (first) {
    running_ = true;
    now_ = beginning;
  } else {
    const Duration passed = host - (now_ + host_ahead_);
    now_ = std::min(now_ + std::max(passed, Duration{0}), Instant(far));
  }
  host_ahead_ = host - now_;
  wall_ahead_ = within(reading.wall, Duration{0}, 2 * far - Duration{1}).time_since_epoch() -
                now_.time_since_epoch();
  const Duration change = wall_ahead_ - ahead;
  return !first && (change > wall_set_least || change < -wall_set_least);
}

WallTime Clock::wall(Instant at) const {
  return WallTime(within(at, -far, far).time_since_epoch() + wall_ahead_);
}

Instant Clock::instant(WallTime at) const {
  if (at == WallTime::max()) {
    return kNever;
  }
  return Instant(std::clamp(within(at, -far, 2 * far).time_since_epoch() - wall_ahead_, -far,
                            2 * far - Duration{1}));
}

Instant Clock::for_host(Instant at) const {
  return at == kNever ? kNever : within(at, -far, 2 * far) + host_ahead_;
}

}  // namespace frond::base
