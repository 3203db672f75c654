#include "sync/forward/hub_places.h"

#include "base/limits.h"

namespace frond::sync {

void HubPlaces::learn(StreamSeq sequence, StreamSeq at_hub) {
  if (!runs_.empty()) {
    Run& last = runs_.back();
    if (sequence.value == last.first.value + last.length &&
        at_hub.value == last.at_hub.value + last.length) {
      ++last.length;
      return;
    }
  }
  if (runs_.size() >= base::forward_place_runs) {
    runs_.pop_front();
  }
  runs_.push_back({sequence, at_hub, 1});
}

StreamSeq HubPlaces::of(StreamSeq sequence) const {
  for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
    if (sequence >= run->first && sequence.value - run->first.value < run->length) {
      return {run->at_hub.value + (sequence.value - run->first.value)};
    }
  }
  return {};
}

}  // namespace frond::sync
