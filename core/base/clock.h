#pragma once
// The engine's two clocks. Deadlines and waits run on Instants, a timeline that only moves forward
// and goes by the host's monotonic clock; timestamps are WallTimes. Wiring advances it at the
// beginning of each input; whoever stamps, stores or reads a time of day asks it to convert.
//
// The wall clock may be set at any moment. A conversion goes by how far apart the two clocks are
// now, hence a WallTime that is to be waited for is kept as it is and converted anew each time. How
// long ago something happened in this life of the node is known without the wall clock, from its
// Instant. A clock that was never advanced takes the two for the same number.

#include <frond/types.h>

namespace frond::base {

class Clock {
 public:
  Clock() = default;
  explicit Clock(Now reading) { advance(reading); }
  /// Readings that no clock can give (before 1970, centuries ahead) are taken for the nearest that
  /// one can, so that sums of times never overflow.
  /// True when the wall clock has been set since the reading before.
  bool advance(Now reading);
  Instant now() const { return now_; }

  /// What the wall clock, as it is set now, showed or will show at that moment.
  WallTime wall(Instant at) const;
  /// When it shows this; kNever for the end of time.
  Instant instant(WallTime at) const;
  /// The same moment on the host's monotonic clock.
  Instant for_host(Instant at) const;

 private:
  Instant now_{};
  Duration wall_ahead_{0};  // Of our timeline.
  Duration host_ahead_{0};
  bool running_ = false;
};

}  // namespace frond::base
