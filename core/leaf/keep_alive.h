#pragma once
// When an online link is pinged and when it is given up: finds half-open sockets, soon when
// something waits for an answer, and without hurry when nothing does. A slow network is not a dead
// one: any byte that comes after the PING is a sign of life, and the PONG is given the time that
// earlier ones took and that what was written in front of the PING needs. It keeps times and counts
// only; hub_link writes the PING and ends the link. As long as the link; stopped between
// connections.

#include "base/limits.h"

#include <frond/types.h>

#include <algorithm>
#include <cstdint>

namespace frond::leaf {

class KeepAlive {
 public:
  /// A new connection whose handshake says how long an answer takes.
  void start(Instant now, Duration round_trip) {
    *this = {};
    round_trip_ = round_trip;
    pinged_at_ = now;
    resume(now);
  }
  void resume(Instant now) { ping_at_ = now + base::link_ping_interval; }
  void stop() { ping_at_ = pong_by_ = unanswered_ = kNever; }

  /// Bytes have come. Our PONG may stand behind many megabytes: whoever sends is not gone.
  void heard(Instant now) {
    unanswered_ = kNever;
    wait_on(now);
  }
  /// So many bytes have been taken in all, by the host or the kernel. A dead connection may have
  /// room for some: they say something only as long as the PING still stands behind them.
  void moved(std::uint64_t taken, Instant now) {
    if (taken < pinged_) {
      wait_on(now);
    }
  }
  /// Something has left that wants an answer.
  void asked(Instant now) { unanswered_ = std::min(unanswered_, now); }
  /// So many bytes have left in all, on this connection.
  void wrote(std::uint64_t bytes_in_all) { written_ = bytes_in_all; }

  void pong(Instant now);
  /// Wants a sign of life soon. True when a PING must go out for it: none of ours is out yet.
  [[nodiscard]] bool probe(Instant now) {
    const bool first = ping(now);
    pong_by_ = std::min(pong_by_, now + patience());
    unanswered_ = kNever;
    return first;
  }
  /// The same without hurry.
  [[nodiscard]] bool ping(Instant now);

  /// The peer is gone. Who looks late was not running, and what came meanwhile has not been read
  /// yet: then it is given a moment more, once.
  [[nodiscard]] bool stale(Instant now);
  /// Nothing has come since something was asked, for longer than answers take.
  bool probe_due(Instant now) const { return probe_at() <= now; }
  bool ping_due(Instant now) const { return ping_at_ <= now; }
  /// Much has been written since the peer last answered: a PING tells how fast it reads.
  bool far_ahead() const { return !pinged() && written_ - answered_ >= base::link_ahead_bytes; }
  Instant next_deadline() const { return std::min({ping_at_, pong_by_, probe_at()}); }

  /// How long a PING is given that is written now, or was written last.
  Duration patience() const;

 private:
  bool pinged() const { return pong_by_ != kNever; }
  void wait_on(Instant now) {
    if (pinged()) {
      pong_by_ = std::max(pong_by_, now + patience());
    }
  }
  Instant probe_at() const {
    return unanswered_ == kNever ? kNever
                                 : unanswered_ + std::max(base::link_answer_wait, 2 * round_trip_);
  }

  Instant ping_at_ = kNever;
  Instant pong_by_ = kNever;     // Set while a PING of ours is out.
  Instant unanswered_ = kNever;  // When the first thing left that nothing has come after.
  Duration round_trip_{};        // Of late, the slower ones.
  Instant pinged_at_{};  // The PING that is out, or was last; the beginning before the first.
  Instant pinged_before_{};
  bool waited_more_ = false;
  std::uint64_t written_ = 0;
  std::uint64_t pinged_ = 0;    // What was written in front of the PING that is out, or was last.
  std::uint64_t answered_ = 0;  // What the peer has surely read.
  std::uint64_t rate_ = base::link_bytes_per_second_min;  // What it reads, at least.
};

}  // namespace frond::leaf
