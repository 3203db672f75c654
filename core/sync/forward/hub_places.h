#pragma once
// At which sequences of the hub's stream the latest messages stand, for whoever asks about one of
// them. In runs, since both sides mostly count in step; in RAM only. Owned by its forwarder.

#include <frond/types.h>

#include <cstdint>
#include <deque>

namespace frond::sync {

class HubPlaces {
 public:
  void learn(StreamSeq sequence, StreamSeq at_hub);
  /// None: not known, or not any more.
  StreamSeq of(StreamSeq sequence) const;

 private:
  struct Run {
    StreamSeq first;
    StreamSeq at_hub;
    std::uint64_t length = 0;
  };
  std::deque<Run> runs_;
};

}  // namespace frond::sync
