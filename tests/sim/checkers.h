#pragma once
// What a run must never break, as a model beside the system: what was acknowledged, what was read,
// what was acked for good. Actors report while the run goes on; the final checks compare the model
// with the streams as they are read at the end. The first violation ends the run. Checks:
//   a  acknowledged is there, at its sequence, with its content and its message id; times in a
//      stream never go back
//   b  a forward stream is in the hub's stream once and in order
//   c  a mirror equals the filtered origin
//   d  what was double acked is not delivered again; everything else is,
//     until it is acked
//   e  one answer per request, no message on a subject that was not asked for, none twice
//   f  a seed is a run (compared in main)
//   x  the engine keeps its contract with its host

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
  /// A consumer delivered; `consumer` is "<node>/<stream>/<consumer>".
  void delivered(const std::string& consumer, std::uint64_t seq);
  /// The application sends an ack, single or double; it may be lost.
  void ack_sent(const std::string& consumer, std::uint64_t seq);
  /// The node has confirmed a double ack.
  void double_acked(const std::string& consumer, std::uint64_t seq);
  /// Core message `id` reached `receiver`.
  void core_delivered(const std::string& receiver, std::string_view pattern_prefix,
                      std::string_view subject, std::string_view payload);

  // Final checks. Each returns what is wrong, or "" ("not yet" while the world is still healing).
  std::string stream_holds(const std::string& stream, const std::vector<Stored>& now,
                           std::size_t per_subject_max) const;
  static std::string forwarded(const std::vector<Stored>& device, const std::vector<Stored>& hub,
                               std::string_view subject_prefix);
  static std::string mirrored(const std::vector<Stored>& mirror, const std::vector<Stored>& origin,
                              std::string_view subject_prefix);
  /// Everything has been delivered until it was acked: what was never acked must come again.
  std::string consumed(const std::string& consumer, const std::vector<Stored>& now) const;

  std::uint64_t acks() const { return acks_; }

 private:
  struct Swap {
    std::uint64_t seq, expected;
  };
  Trace& trace_;
  std::optional<Violation> violation_;
  std::uint64_t acks_ = 0;
  std::map<std::string, std::map<std::uint64_t, Stored>> known_;  ///< By stream: fixed for ever.
  std::map<std::string, std::set<std::uint64_t>> acked_;
  std::map<std::string, std::vector<Swap>> swaps_;  ///< By stream and subject.
  std::map<std::string, std::set<std::uint64_t>> ack_sent_, double_acked_;
  std::map<std::string, std::set<std::string>> core_;
};

}  // namespace frond::sim
