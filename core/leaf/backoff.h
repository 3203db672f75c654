#pragma once
// How long hub_link waits before it dials again. Where links come and go the pause is short: every
// one of them begins with the hub having accepted a link, however short that link was. It grows
// while dials fail, and becomes long only when the hub has not been reached for minutes, when the
// device is said to have no network, or when the hub refuses us. Every pause has jitter, so that a
// thousand devices do not come back to a restarted hub in one instant. As long as the link.

#include "base/limits.h"

#include <frond/host.h>
#include <frond/types.h>

#include <algorithm>
#include <utility>

namespace frond::leaf {

/// The pauses after one kind of refusal: the first, doubled each time up to the last.
struct RefusalPauses {
  Duration first, last;
};

class Backoff {
 public:
  Backoff(Entropy& entropy, Instant now) : entropy_(entropy), reached_(now), quick_counted_(now) {}

  /// The hub has let us in.
  void accepted(Instant now) {
    step_ = base::link_pause_first;
    reached_ = accepted_ = now;
  }
  /// There is a reason to believe that a dial could succeed now, whatever has been before.
  void hope(Instant now) {
    step_ = base::link_pause_first;
    reached_ = now;
    refusals_ = 0;
  }
  /// Whether the device has a network at all, as far as the host knows.
  void network(bool there) { network_ = there; }

  /// The pause before the next dial, after a dial has failed or a link was lost.
  Duration after_loss(Instant now) {
    const bool was_in = end_link(now);
    if (!network_) {
      return jitter(base::link_pause_max);
    }
    const Duration step = step_;
    const bool long_away = now - reached_ >= base::link_long_away;
    step_ = std::min(step < base::link_pause_lossy_max ? step * 9 / 8 : step * 2,
                     long_away ? base::link_pause_max : base::link_pause_lossy_max);
    return jitter(was_in && !take_quick(now) ? base::link_pause_lossy_max : step);
  }
  /// The same after the hub has said why it does not want us.
  Duration after_refusal(const RefusalPauses& pauses, Instant now) {
    end_link(now);
    Duration pause = pauses.first;
    for (int i = 0; i < refusals_ && pause < pauses.last; ++i) {
      pause *= 2;
    }
    ++refusals_;
    return jitter(std::min(pause, pauses.last));
  }

 private:
  /// Whether there was a link; one that has stood for long ends the row of refusals.
  bool end_link(Instant now) {
    const Instant began = std::exchange(accepted_, kNever);
    if (began == kNever) {
      return false;
    }
    if (now - began >= base::link_steady_after) {
      refusals_ = 0;
    }
    return true;
  }
  /// Between half and all of it.
  Duration jitter(Duration pause) {
    const auto half = static_cast<std::uint64_t>(pause.count() / 2);
    return Duration(pause.count() / 2 + static_cast<std::int64_t>(entropy_.next() % (half + 1)));
  }
  /// A hub that lets us in and ends the link again and again is not dialled four times a second for
  /// ever: so many quick dials are free, and one more comes with every long pause that passes.
  bool take_quick(Instant now) {
    const std::int64_t earned = (now - quick_counted_) / base::link_pause_lossy_max;
    quick_counted_ += earned * base::link_pause_lossy_max;
    quick_ = static_cast<int>(std::min<std::int64_t>(quick_ + earned, base::link_quick_dials));
    return quick_ > 0 && quick_-- > 0;
  }

  Entropy& entropy_;
  Duration step_ = base::link_pause_first;
  Instant reached_;  ///< When the hub last let us in, or hope began.
  Instant accepted_ = kNever;
  Instant quick_counted_;
  int quick_ = base::link_quick_dials;
  int refusals_ = 0;  ///< In a row, short links in between included.
  bool network_ = true;
};

}  // namespace frond::leaf
