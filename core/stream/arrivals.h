#pragma once
// When the messages of a stream came, on the engine's own timeline: what max_age and the duplicate
// window count from. A stored time says it only as long as nobody sets the wall clock, and it may
// be an origin's. So this keeps by how much the times of a run of messages are ahead of our
// timeline, a new run whenever that has changed. What a restart finds came when its times say, or
// at the restart where they lie in the future. Never too early: where runs are merged, a message
// counts as younger than it is, by no more than the run is long. Owned by a stream.

#include <frond/types.h>

#include <cstdint>
#include <vector>

namespace frond::stream {

class Arrivals {
 public:
  /// For what is in the stream already, at its first recovery: `ahead` is how much the wall clock
  /// is ahead of our timeline.
  void begin(Duration ahead, Instant now);
  bool begun() const { return !runs_.empty(); }
  /// A message was stored with this time.
  void note(std::uint64_t sequence, WallTime time, Instant arrival);
  /// The stream begins at `first` now.
  void forget_before(std::uint64_t first);
  Instant of(std::uint64_t sequence, WallTime time) const;
  /// No message that came at `at` or later has a time before this.
  WallTime earliest_time(Instant at) const;

 private:
  struct Run {
    std::uint64_t first = 0;
    Instant began{};  ///< When its first message came; never before the run before it.
    Duration ahead{0};
  };
  void merge_shortest(Instant now);

  std::vector<Run> runs_;  // By sequence; runs_[0] also covers everything before it.
  Instant began_{};
  std::uint64_t noted_from_ = ~std::uint64_t{0};  // Below it are those that a recovery found.
};

}  // namespace frond::stream
