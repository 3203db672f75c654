#include "stream/arrivals.h"

#include "base/limits.h"

#include <algorithm>
#include <cstddef>

namespace frond::stream {
namespace {

/// Times as stored may be anything; further away than this they only differ in how absurd they are.
Duration bounded(WallTime time) {
  constexpr Duration far{std::int64_t{1} << 62};
  return std::clamp(time.time_since_epoch(), Duration{0}, far);
}

}  // namespace

void Arrivals::begin(Duration ahead, Instant now) {
  runs_ = {{.first = 0, .began = now, .ahead = ahead}};
  began_ = now;
}

void Arrivals::note(std::uint64_t sequence, WallTime time, Instant arrival) {
  const Duration ahead = bounded(time) - arrival.time_since_epoch();
  noted_from_ = std::min(noted_from_, sequence);
  // A sequence again: the commit with the first message of this sequence was lost.
  while (runs_.size() > 1 && runs_.back().first >= sequence) {
    runs_.pop_back();
  }
  if (!runs_.empty()) {
    const Duration change = ahead - runs_.back().ahead;
    if (change < base::wall_set_least && change > -base::wall_set_least) {
      return;
    }
    if (runs_.size() == base::arrival_runs_max) {
      merge_shortest(arrival);
    }
  }
  const Instant began = runs_.empty() ? arrival : std::max(arrival, runs_.back().began);
  runs_.push_back({.first = runs_.empty() ? 0 : sequence, .began = began, .ahead = ahead});
}

void Arrivals::forget_before(std::uint64_t first) {
  const auto after = std::ranges::upper_bound(runs_, first, {}, &Run::first);
  if (after != runs_.begin()) {
    runs_.erase(runs_.begin(), std::prev(after));
  }
}

/// Makes one of the two neighbours that are shortest together. The lesser lead makes the messages
/// of both come later.
void Arrivals::merge_shortest(Instant now) {
  std::size_t shortest = 0;
  Duration least = Duration::max();
  for (std::size_t i = 0; i + 1 < runs_.size(); ++i) {
    const Instant end = i + 2 < runs_.size() ? runs_[i + 2].began : now;
    if (end - runs_[i].began < least) {
      least = end - runs_[i].began;
      shortest = i;
    }
  }
  runs_[shortest].ahead = std::min(runs_[shortest].ahead, runs_[shortest + 1].ahead);
  runs_.erase(runs_.begin() + static_cast<std::ptrdiff_t>(shortest) + 1);
}

Instant Arrivals::of(std::uint64_t sequence, WallTime time) const {
  const auto after = std::ranges::upper_bound(runs_, sequence, {}, &Run::first);
  // A message may be back whose removal was lost, with its run forgotten: it came before what is
  // left.
  const Run& run = after == runs_.begin() ? *after : *std::prev(after);
  Instant arrival(bounded(time) - run.ahead);
  if (run.first != 0) {
    arrival = std::max(arrival, run.began);
  }
  if (after != runs_.end()) {
    arrival = std::min(arrival, after->began);
  }
  return sequence < noted_from_ ? std::min(arrival, began_) : arrival;
}

WallTime Arrivals::earliest_time(Instant at) const {
  return WallTime(at.time_since_epoch() + std::ranges::min(runs_, {}, &Run::ahead).ahead);
}

}  // namespace frond::stream
