#pragma once
// How long sync waits after its n-th failure in a row: doubling between limits' first and last
// pause. No jitter: whoever waits here is online, and the link that brought it there has jittered.

#include "base/limits.h"

#include <algorithm>

namespace frond::sync {

inline Duration retry_pause(int failures) {
  Duration pause = base::sync_retry_first;
  for (int i = 1; i < failures && pause < base::sync_retry_max; ++i) {
    pause *= 2;
  }
  return std::min(pause, base::sync_retry_max);
}

}  // namespace frond::sync
