#pragma once
// The vocabulary that crosses the engine's boundary and every layer inside it: identities,
// sequences and times as distinct types, so that a consumer sequence cannot be passed where a
// stream sequence is meant, and no function can confuse a duration with a point in time.
// Plain values without ownership; they live as long as whoever holds them.

#include <chrono>
#include <compare>
#include <cstdint>

namespace frond {

/// A span of time. Nanoseconds, as in every NATS JSON document.
using Duration = std::chrono::nanoseconds;

/// A point on the engine's own timeline, which only ever moves forward: all deadlines and waits. A
/// type of its own, so that it cannot be taken for a time of day; base::Clock converts.
using Instant = std::chrono::time_point<struct Monotonic, Duration>;

/// A time of day, in nanoseconds since the Unix epoch: what is stored, shown and given by users.
/// It may be set forward or back at any moment.
using WallTime = std::chrono::sys_time<Duration>;

/// Both clocks at one moment. The engine never reads a clock: every input carries this.
struct Now {
  /// Never set, from any origin, and counts while the device sleeps: a phone that slept for two
  /// days must find its ack waits, heartbeats and duplicate windows two days older (nats-features,
  /// trap 6). A reading below the one before counts as no time passed.
  Instant monotonic;
  WallTime wall;
};

/// "Never", as an answer to "when must you be called next?".
inline constexpr Instant kNever = Instant::max();

/// One connection between the engine and something outside, chosen by the engine's host for
/// accepted connections (below 2^31) and by the engine for links it dials (from 2^31; see DialHub
/// in output.h).
enum class ConnectionId : std::uint64_t {};

/// One group commit. Tickets grow by one; ticket n is durable only after ticket n-1.
enum class Ticket : std::uint64_t {};

/// A position in a sequence that starts at 1; 0 means "none".
template <class Tag>
struct Sequence {
  std::uint64_t value = 0;
  constexpr auto operator<=>(const Sequence&) const = default;
  constexpr Sequence next() const { return {value + 1}; }
  constexpr Sequence previous() const { return {value == 0 ? 0 : value - 1}; }
  constexpr bool none() const { return value == 0; }
};

/// Position of a message in its stream.
using StreamSeq = Sequence<struct StreamSeqTag>;
/// Number of a delivery within one consumer.
using ConsumerSeq = Sequence<struct ConsumerSeqTag>;

}  // namespace frond
