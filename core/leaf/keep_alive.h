#pragma once
// When an online link is pinged and when it is given up: finds half-open sockets. It keeps times
// only; hub_link writes the PING and ends the link. As long as the link; stopped between
// connections.

#include "base/limits.h"

#include <frond/types.h>

#include <algorithm>

namespace frond::leaf {

class KeepAlive {
 public:
  void start(Instant now) { ping_at_ = now + base::link_ping_interval; }
  void stop() { ping_at_ = pong_by_ = kNever; }

  /// Bytes have come. Our PONG may stand behind many megabytes: whoever sends is not gone.
  void heard(Instant now) {
    if (pong_by_ != kNever) {
      pong_by_ = now + base::link_pong_timeout;
    }
  }
  void pong() { pong_by_ = kNever; }

  /// Wants a PONG within `timeout`. True when a PING must go out for it: none of ours is out yet.
  [[nodiscard]] bool probe(Duration timeout, Instant now) {
    const bool first = pong_by_ == kNever;
    pong_by_ = std::min(pong_by_, now + timeout);
    ping_at_ = now + base::link_ping_interval;
    return first;
  }

  bool stale(Instant now) const { return pong_by_ <= now; }
  bool ping_due(Instant now) const { return ping_at_ <= now; }
  Instant next_deadline() const { return std::min(ping_at_, pong_by_); }

 private:
  Instant ping_at_ = kNever;
  Instant pong_by_ = kNever;  // Set while a PING of ours is out.
};

}  // namespace frond::leaf
