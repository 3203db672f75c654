#pragma once
// Under which epoch each message of a forwarded stream was stored. The epoch is part of the
// message's id at the hub: when a store loses its end (a power cut, a restored backup) or goes on
// in two copies, the same sequence is given to another message, and its id must be another one,
// too. Every open of the store begins an epoch; messages of an earlier one keep theirs, so that
// what is sent a second time has the id of the first. Plain values inside ForwardState; written
// with it.

#include <frond/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace frond::sync {

/// One epoch: from `first` to the next one's first.
struct ForwardEpoch {
  StreamSeq first;
  std::string name;  ///< Random; empty for what 0.1.0 stored, whose ids had no epoch.

  bool operator==(const ForwardEpoch&) const = default;
};

class ForwardEpochs {
 public:
  ForwardEpochs() = default;
  /// Entries as a file has them; those out of order are left out.
  explicit ForwardEpochs(std::vector<ForwardEpoch> entries);

  /// Empty when nothing is known of the sequence.
  std::string_view of(StreamSeq sequence) const;
  /// Everything from `first` on is of a new epoch.
  void begin(StreamSeq first, std::string name);
  /// This one message is of a new epoch, those around it stay.
  void renew(StreamSeq sequence, std::string name);
  /// Nothing up to `floor` is ever sent again.
  void forget_up_to(StreamSeq floor);

  bool empty() const { return entries_.empty(); }
  const std::vector<ForwardEpoch>& entries() const { return entries_; }

 private:
  void append(StreamSeq first, std::string name);

  std::vector<ForwardEpoch> entries_;  // Ascending.
};

}  // namespace frond::sync
