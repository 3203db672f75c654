#pragma once
// When a client is pinged and when it is stale (CP-15): pings come when nothing else did, and often
// enough to know the round trip. It keeps times only; session writes the PING. As long as the
// session.

#include <frond/host.h>
#include <frond/types.h>

#include <cstdint>
#include <optional>

namespace frond::session {

class PingClock {
 public:
  explicit PingClock(Instant now) : last_activity_(now) {}

  /// The client has done something.
  void activity(Instant now) { last_activity_ = now; }
  void pong(Instant now);

  /// The next ping: after `interval` and up to a fifth more, so that many clients of one start are
  /// not pinged at once.
  void schedule(Instant now, Duration interval, Entropy& entropy);

  /// No pings until the next schedule(), and none is waited for.
  void rest();

  enum class Due : std::uint8_t { nothing, ping, stale };
  /// What is to be done now; `outstanding_max` pings may stay without an answer.
  Due due(Instant now, Duration interval, std::uint32_t outstanding_max);

  Instant next_deadline() const { return ping_at_; }
  Instant last_activity() const { return last_activity_; }
  Duration round_trip() const { return round_trip_; }  ///< Zero until the first PONG.

 private:
  Instant last_activity_;
  Instant ping_at_ = kNever;
  std::optional<Instant> pinged_at_;
  std::uint32_t outstanding_ = 0;
  Duration round_trip_{0};
};

}  // namespace frond::session
