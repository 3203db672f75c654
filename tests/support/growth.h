#pragma once
// How the time that something takes grows with its input: what a peer can send must cost in
// proportion to its length, or its neighbours wait. Measures processor time of the thread, so that
// a busy machine does not matter, and takes the best of some runs.

#include <time.h>

#include <algorithm>
#include <cstddef>

namespace frond::test {

/// Ten times the input may take so many times as long: n log n with room for caches and noise.
/// What is quadratic takes a hundred times.
inline constexpr double growth_max = 25;

inline double thread_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// `prepare(size)` makes the input and returns what shall be measured, to be called once.
template <class Prepare>
double seconds_for(Prepare prepare, std::size_t size) {
  auto work = prepare(size);
  const double start = thread_seconds();
  work();
  return thread_seconds() - start;
}

/// Time for ten times `size` over time for `size`.
template <class Prepare>
double growth(Prepare prepare, std::size_t size) {
  double small = 1e9;
  double large = 1e9;
  for (int run = 0; run < 3; ++run) {
    small = std::min(small, seconds_for(prepare, size));
    large = std::min(large, seconds_for(prepare, size * 10));
    if (large < growth_max * small) break;
  }
  // Below this nobody waits, and the clock's own steps would count.
  constexpr double unnoticed = 0.002;
  return large / std::max(small, unnoticed);
}

}  // namespace frond::test
