#pragma once
// A set of streams over fake storage, without an engine: what the files hold is found again by
// open(), as after a restart. Tests, fuzz targets and benchmarks build on it.

#include "base/clock.h"
#include "stream/streams.h"
#include "support/commits.h"

#include <chrono>
#include <memory>
#include <vector>

namespace frond::test {

struct StreamsNode {
  explicit StreamsNode(bool appends, stream::StreamsLimits the_limits = {})
      : files(appends), limits(the_limits) {
    open();
  }

  /// What is not committed is gone.
  std::vector<stream::Quarantined> open() {
    streams.reset();
    journal = std::make_unique<store::Journal>();
    streams = std::make_unique<stream::Streams>(*journal, files, entropy, limits, clock);
    return streams->recover(now);
  }
  /// Makes everything so far durable.
  void commit() {
    carry_out(*journal, files,
              [this](const CommitStorage& commit) { streams->durable(commit.ticket, now); });
  }
  /// The commit that has gathered is lost, after so many of its operations were done for good.
  /// False when there was none.
  bool lose_commit(std::size_t done = 0) {
    const bool lost = lose(*journal, files, done).has_value();
    streams->reload_unsaved(now);
    return lost;
  }

  FakeStorage files;
  TestEntropy entropy{1};
  stream::StreamsLimits limits;
  base::Clock clock;
  Instant now{std::chrono::seconds(1'700'000'000)};
  std::unique_ptr<store::Journal> journal;
  std::unique_ptr<stream::Streams> streams;
};

}  // namespace frond::test
