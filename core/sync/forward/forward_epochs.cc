#include "sync/forward/forward_epochs.h"

#include "base/limits.h"

#include <algorithm>
#include <utility>

namespace frond::sync {

ForwardEpochs::ForwardEpochs(std::vector<ForwardEpoch> entries) {
  for (ForwardEpoch& entry : entries) {
    if (entries_.empty() || entries_.back().first < entry.first) {
      append(entry.first, std::move(entry.name));
    }
  }
}

std::string_view ForwardEpochs::of(StreamSeq sequence) const {
  const auto after = std::ranges::upper_bound(entries_, sequence, {}, &ForwardEpoch::first);
  return after == entries_.begin() ? std::string_view{} : std::prev(after)->name;
}

void ForwardEpochs::begin(StreamSeq first, std::string name) {
  std::erase_if(entries_, [first](const ForwardEpoch& entry) { return entry.first >= first; });
  append(first, std::move(name));
}

void ForwardEpochs::renew(StreamSeq sequence, std::string name) {
  std::string before(of(sequence));
  const auto at = std::ranges::lower_bound(entries_, sequence, {}, &ForwardEpoch::first);
  const bool begins_here = at != entries_.end() && at->first == sequence;
  const auto own = begins_here ? at : entries_.insert(at, {sequence, {}});
  own->name = std::move(name);
  const auto following = std::next(own);
  if (following == entries_.end() || following->first != sequence.next()) {
    entries_.insert(following, {sequence.next(), std::move(before)});
  }
}

void ForwardEpochs::forget_up_to(StreamSeq floor) {
  while (entries_.size() > 1 && entries_[1].first <= floor.next()) {
    entries_.erase(entries_.begin());
  }
}

/// A node that is opened again and again and never reaches its hub must not fill its file: the
/// youngest epochs run together. They differ in nothing that has been sent.
void ForwardEpochs::append(StreamSeq first, std::string name) {
  if (entries_.size() >= base::forward_epochs_max) {
    entries_.pop_back();
  }
  entries_.push_back({first, std::move(name)});
}

}  // namespace frond::sync
