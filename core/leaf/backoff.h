#pragma once
// How long hub_link waits before it dials again: doubling from limits' first to last pause, with
// jitter, so that a thousand devices do not come back to a restarted hub in one instant.

#include "base/limits.h"

#include <frond/host.h>
#include <frond/types.h>

#include <algorithm>

namespace frond::leaf {

class Backoff {
 public:
  explicit Backoff(Entropy& entropy) : entropy_(entropy) {}

  /// The next pause: between half and all of the current step.
  Duration next() {
    const Duration step = step_;
    step_ = std::min(step_ * 2, base::link_backoff_max);
    const auto half = static_cast<std::uint64_t>(step.count() / 2);
    return Duration(step.count() / 2 + static_cast<std::int64_t>(entropy_.next() % (half + 1)));
  }
  void reset() { step_ = base::link_backoff_first; }

 private:
  Entropy& entropy_;
  Duration step_ = base::link_backoff_first;
};

}  // namespace frond::leaf
