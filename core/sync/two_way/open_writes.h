#pragma once
// The local writes of a two-way stream that are on their way up: read from the local log and not
// known to be at the hub. A subject's writes go one after the other, each on top of what the hub is
// known to have (expected-last-subject-sequence), so at most one of them is in flight; subjects do
// not wait for each other. Plain bookkeeping, bounded; lives as long as its TwoWay.

#include <frond/types.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace frond::sync {

struct OpenWrite {
  StreamSeq sequence;  ///< In the local stream,
  WallTime time{};     ///< and when it was stored there.
  std::string subject;
  bool behind = false;  ///< Another open write of the subject comes first.
  bool in_flight = false;
  bool refused = false;    ///< For good, and on its way to the dead letters.
  StreamSeq expected{};    ///< The last sequence of the subject at the hub that we know of.
  StreamSeq sent_on{};     ///< The same when it was sent.
  StreamSeq held{};        ///< A value of the hub that this write goes on top of, not stored here.
  StreamSeq not_before{};  ///< The hub has something there that we have not read yet.
  Instant since{};         ///< When it was sent, or began to wait for `not_before`.
  std::size_t bytes = 0;   ///< While in flight.
};

/// Entries stay where they are between two calls that add or remove; ascending.
class OpenWrites {
 public:
  std::size_t size() const { return writes_.size(); }
  bool empty() const { return writes_.empty(); }
  std::size_t in_flight() const { return in_flight_; }
  std::size_t bytes_in_flight() const { return bytes_; }

  /// Keeps the order of sequences wherever it is added; one that is here already stays.
  void add(OpenWrite write);
  OpenWrite* find(StreamSeq sequence);
  bool contains(StreamSeq sequence) const;
  /// The one of the subject that goes first.
  OpenWrite* first_of(std::string_view subject);
  std::vector<OpenWrite>& all() { return writes_; }
  const std::vector<OpenWrite>& all() const { return writes_; }

  void sent(OpenWrite& write, std::size_t bytes, Instant now);
  /// It is not in flight any more.
  void back(OpenWrite& write);
  /// It is settled; the next of its subject goes on top of `expected`.
  void remove(StreamSeq sequence, StreamSeq expected);
  /// All of the subject are given up.
  void remove_all(std::string_view subject);

 private:
  std::vector<OpenWrite> writes_;
  std::size_t in_flight_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace frond::sync
