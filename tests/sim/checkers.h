#pragma once
// What a run must never break, as a model beside the system: what was acknowledged, what was read,
// what was acked for good. Actors report while the run goes on; the final checks compare the model
// with the streams as they are read at the end. The first violation ends the run. Misfortunes tell
// it what they have undone (history.h). Checks:
//   a  acknowledged is there, at its sequence, with its content and its message id; times in a
//      stream never go back
//   b  a forward stream is in the hub's stream once and in order
//   c  a mirror equals the filtered origin
//   d  what was double acked is not delivered again; everything else is,
//     until it is acked
//   e  one answer per request, no message on a subject that was not asked for, none twice
//   f  a seed is a run (compared in main)
//   g  a client does and hears only what its rights allow
//   l  soon after everything was repaired there is a link, at once when the host says so
//   w  one input costs work in proportion to its size, and a bounded amount of it
//   x  the engine keeps its contract with its host

#include "sim/history.h"
#include "sim/trace.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace frond::sim {

struct Stored {
  std::uint64_t seq = 0;
  std::string subject, payload;
  bool operator==(const Stored&) const = default;
};

struct Violation {
  char check;
  std::string what;
};

class Checkers {
 public:
  explicit Checkers(Trace& trace) : trace_(trace) {}

  void fail(char check, std::string what);
  const std::optional<Violation>& violation() const { return violation_; }

  /// A PubAck came: `stream` is "<node>/<stream>". `duplicate_of` is what an earlier PubAck for the
  /// same message id said, when the window is surely still open.
  void acked(const std::string& stream, const Stored& message, bool duplicate,
             std::optional<std::uint64_t> duplicate_of);
  /// Somebody read this message; content at a sequence never changes.
  void read(const std::string& stream, const Stored& message);
  /// A write with an expected last sequence of its subject was acked.
  void swapped(const std::string& stream, const Stored& message, std::uint64_t expected);
  /// A write that expected `last` as the last sequence of the whole stream was acked.
  void followed(const std::string& stream, const Stored& message, std::uint64_t last);
  /// What a client without the right to publish it sends.
  static constexpr std::string_view forbidden = "forbidden";
  /// A consumer of `stream` delivered; `consumer` is "<node>/<stream>/<consumer>".
  void delivered(const std::string& stream, const std::string& consumer, const Stored& message);
  /// The application sends an ack, single or double; it may be lost.
  void ack_sent(const std::string& consumer, std::uint64_t seq);
  /// The node has confirmed a double ack that was sent at this moment of the history.
  void double_acked(const std::string& stream, const std::string& consumer, const Stored& message,
                    std::uint64_t sent);
  /// Core message `id` reached `receiver`.
  void core_delivered(const std::string& receiver, std::string_view pattern_prefix,
                      std::string_view subject, std::string_view payload);

  // Final checks. Each returns what is wrong, or "" ("not yet" while the world is still healing).
  std::string stream_holds(const std::string& stream, const std::vector<Stored>& now,
                           std::size_t per_subject_max) const;
  std::string forwarded(const std::string& device, const std::vector<Stored>& outbox,
                        const std::vector<Stored>& hub) const;
  std::string mirrored(const std::string& device, const std::vector<Stored>& mirror,
                       const std::vector<Stored>& origin, std::string_view subject_prefix) const;
  /// A mirror that has stopped, because its origin lost its past, keeps what it had and adds
  /// nothing.
  std::string kept(const std::string& device, const std::vector<Stored>& mirror) const;
  /// Everything has been delivered until it was acked: what was never acked must come again.
  std::string consumed(const std::string& consumer, const std::vector<Stored>& now) const;

  std::uint64_t acks() const { return acks_; }

  // What misfortunes undo.
  struct Swap {
    std::uint64_t seq, expected;
  };
  /// What the model holds one node to, as of some moment.
  struct Memory {
    std::map<std::string, std::map<std::uint64_t, Stored>> known;
    std::map<std::string, std::set<std::uint64_t>> acked, ack_sent, double_acked;
    std::map<std::string, std::vector<Swap>> swaps;
    std::uint64_t taken = 0;  ///< When, by the history's clock.
  };
  Memory remember(const std::string& node) const;
  /// The node's disk is again what it was when the memory was taken.
  void rolled_back(const std::string& node, const Memory& memory);
  /// The record of this message was damaged.
  void damaged(const std::string& stream, const Stored& message);
  /// What the consumers of a stream have seen is not known to the node any more.
  void acks_forgotten(const std::string& stream);
  /// The stream is being deleted or purged and the outcome is not known, or is now.
  void in_limbo(const std::string& stream, bool begins, bool purged);
  bool anything_in_limbo() const { return !limbo_.empty(); }
  /// The hub had taken the right to forward and gives it back.
  void hub_refused() { history_.copies_may_differ("hub/ALL"); }
  History& history() { return history_; }
  const History& history() const { return history_; }

 private:
  std::size_t newer_of(const std::string& stream, const Stored& message,
                       const std::vector<Stored>& now) const;
  bool of_the_past(const std::string& stream, const Stored& message) const;
  void emptied(const std::string& stream, bool purged);
  void origin_broke();
  void forget_mirrors(std::string_view node);
  Trace& trace_;
  std::optional<Violation> violation_;
  std::uint64_t acks_ = 0;
  /// By stream, what is fixed for ever; swaps by stream and subject; the others by consumer.
  Memory model_;
  History history_;
  std::set<std::string> limbo_;
  /// Mirrors of a stream that lost its past: where their consumers stood means nothing any more.
  std::set<std::string> restarted_;
  std::map<std::string, std::set<std::string>> core_;
};

}  // namespace frond::sim
