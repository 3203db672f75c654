#pragma once
// How long to wait after the n-th failure in a row: `first`, doubled each time, at most `longest`.
// For whatever is tried again by itself; without jitter.

#include <frond/types.h>

#include <algorithm>

namespace frond::base {

inline Duration retry_pause(int failures, Duration first, Duration longest) {
  Duration pause = first;
  for (int i = 1; i < failures && pause < longest; ++i) {
    pause *= 2;
  }
  return std::min(pause, longest);
}

}  // namespace frond::base
