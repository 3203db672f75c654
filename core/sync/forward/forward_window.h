#pragma once
// How much a forwarder may have in flight: what the link carries in one round trip, found out from
// the acks. It begins with one message, goes on with a first window once that is acked, doubles
// each round until round trips get longer for it, and then keeps a small queue at the slowest
// place: what the measured delay says would be carried without waiting, and a step more (as FAST
// TCP does). A hub that refuses for now gets little and slowly more. Bounded by base/limits.h and
// by metadata frond.forward.window. Plain arithmetic inside forward; begins anew with each link.

#include "base/limits.h"

#include <frond/types.h>

#include <cstddef>
#include <cstdint>

namespace frond::sync {

class ForwardWindow {
 public:
  /// At most so many messages, whatever the link carries.
  explicit ForwardWindow(std::uint64_t messages_most) : messages_most_(messages_most) {}

  /// Another link, of which nothing is known.
  void begin(Instant now);
  /// After a doubt or a refusal: one message, until an ack comes. What is known of the link stays.
  void hold_back(Instant now);
  /// The hub could not take something: it is given less.
  void refused();

  bool full(std::uint64_t messages, std::size_t bytes) const;
  std::uint64_t messages_most() const { return messages_most_; }
  /// The window is what keeps a message back; without such a word it does not grow.
  void limits() { limited_ = true; }
  /// An ack of a message that was sent once, at `sent`.
  void acked(Instant sent, Instant now);
  /// An ack that says nothing of the round trip.
  void acked_again() { cautious_ = false; }
  std::size_t bytes() const { return bytes_; }

 private:
  void end_round(Instant now);

  std::uint64_t messages_most_;
  std::size_t bytes_ = base::forward_window_bytes_first;
  bool cautious_ = true;
  bool doubling_ = true;
  bool limited_ = false;
  Duration least_{Duration::max()};  // The shortest round trip of this link.
  Duration sum_{};                   // Of this round.
  std::int64_t acks_ = 0;
  Instant round_began_{};
};

}  // namespace frond::sync
