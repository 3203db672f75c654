#include "session/ping_clock.h"

#include <algorithm>

namespace frond::session {

void PingClock::pong(Instant now) {
  outstanding_ = 0;
  if (pinged_at_) {
    round_trip_ = std::max(Duration(1), now - *pinged_at_);
  }
}

void PingClock::schedule(Instant now, Duration interval, Entropy& entropy) {
  const auto spread = static_cast<std::uint64_t>(interval.count() / 5);
  const std::uint64_t extra = spread == 0 ? 0 : entropy.next() % spread;
  ping_at_ = now + interval + Duration(static_cast<std::int64_t>(extra));
}

void PingClock::rest() {
  ping_at_ = kNever;
  outstanding_ = 0;
}

PingClock::Due PingClock::due(Instant now, Duration interval, std::uint32_t outstanding_max) {
  if (now < ping_at_) {
    return Due::nothing;
  }
  const bool measure = !pinged_at_ || now - *pinged_at_ > std::chrono::hours(1);
  const bool ping = measure || now - last_activity_ >= interval;
  if (ping && outstanding_ + 1 > outstanding_max) {
    return Due::stale;
  }
  ping_at_ = now + interval;
  if (!ping) {
    return Due::nothing;
  }
  ++outstanding_;
  pinged_at_ = now;
  return Due::ping;
}

}  // namespace frond::session
