#include "leaf/keep_alive.h"

namespace frond::leaf {

bool KeepAlive::ping(Instant now) {
  // A device that has slept may have lost its link meanwhile, and somebody has woken it.
  const bool slept = ping_at_ < now && now - ping_at_ >= base::link_probe_timeout;
  ping_at_ = now + base::link_ping_interval;
  if (pinged()) {
    return false;
  }
  pinged_before_ = pinged_at_;
  pinged_at_ = now;
  pinged_ = written_;
  waited_more_ = false;
  pong_by_ = now + (slept ? patience() : std::max(base::link_pong_timeout, patience()));
  return true;
}

bool KeepAlive::stale(Instant now) {
  if (pong_by_ > now) {
    return false;
  }
  if (now - pong_by_ < base::link_look_late || waited_more_) {
    return true;
  }
  waited_more_ = true;
  pong_by_ = now + base::link_answer_wait;
  return false;
}

void KeepAlive::pong(Instant now) {
  if (!pinged()) {
    return;
  }
  pong_by_ = kNever;
  const Duration took = std::max(now - pinged_at_, Duration(1));
  round_trip_ = took > round_trip_ ? took : (3 * round_trip_ + took) / 4;
  // What is behind the PING before this one was read since that one left.
  const auto millis =
      1 + static_cast<std::uint64_t>((now - pinged_before_) / std::chrono::milliseconds(1));
  rate_ = std::max(rate_, (pinged_ - answered_) * 1000 / millis);
  answered_ = pinged_;
}

Duration KeepAlive::patience() const {
  const std::uint64_t ahead = pinged() ? pinged_ - answered_ : written_ - answered_;
  const std::uint64_t excess = ahead - std::min(ahead, base::link_ahead_bytes_free);
  const Duration reading = std::chrono::milliseconds(
      static_cast<std::int64_t>(std::min<std::uint64_t>(excess * 1000 / rate_, 3'600'000)));
  return std::min(std::max(base::link_probe_timeout, 4 * round_trip_) + reading,
                  base::link_probe_timeout_max);
}

}  // namespace frond::leaf
