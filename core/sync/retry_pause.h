#pragma once
// How long sync waits after its n-th failure in a row: doubling between limits' first and last
// pause. No jitter: whoever waits here is online, and the link that brought it there has jittered.

#include "base/limits.h"
#include "base/retry_pause.h"

namespace frond::sync {

inline Duration retry_pause(int failures) {
  return base::retry_pause(failures, base::sync_retry_first, base::sync_retry_max);
}

}  // namespace frond::sync
