#include "sync/forward/inherited_doubt.h"

#include "base/limits.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace frond::sync {

InheritedDoubt::InheritedDoubt(stream::Stream& stream, StreamSeq floor,
                               const ForwardInherited& inherited)
    : stream_(stream),
      from_(floor.next()),
      last_(inherited.last),
      claimed_(inherited.claimed),
      blind_(inherited.blind) {}

/// Above last_ when there is none.
StreamSeq InheritedDoubt::first_in_doubt() const {
  const stream::Lookup message = from_ <= last_ ? stream_.next_for({}, from_) : stream::Lookup();
  return message ? message->sequence : message.unreadable.value_or(last_.next());
}

std::uint64_t InheritedDoubt::certain_count() const {
  if (from_ > claimed_) {
    return 0;
  }
  const std::uint64_t all = stream_.count_from({}, from_) - stream_.count_from({}, claimed_.next());
  const auto struck =
      static_cast<std::uint64_t>(std::distance(found_.begin(), found_.upper_bound(claimed_)));
  return all - std::min(all, struck);
}

std::optional<StreamSeq> InheritedDoubt::next_certain(StreamSeq from) const {
  from = std::max(from, from_);
  while (from <= claimed_) {
    const stream::Lookup message = stream_.next_for({}, from);
    if (!message || message->sequence > claimed_) {
      break;
    }
    if (!found_.contains(message->sequence)) {
      return message->sequence;
    }
    from = message->sequence.next();
  }
  return std::nullopt;
}

std::optional<WallTime> InheritedDoubt::oldest() const {
  const stream::Lookup message = stream_.next_for({}, from_);
  return message              ? std::optional(message->time)
         : message.unreadable ? stream_.time_of(*message.unreadable)
                              : std::nullopt;
}

void InheritedDoubt::found(StreamSeq sequence, HubPlace place) {
  found_.insert_or_assign(sequence, std::move(place));
}

void InheritedDoubt::strike_superseded(std::uint64_t kept_per_subject) {
  if (kept_per_subject == 0 || found_.empty()) {
    return;
  }
  std::vector<StreamSeq> all;
  const StreamSeq last = found_.rbegin()->first;
  for (auto message = stream_.next_for({}, from_); message && message->sequence <= last;
       message = stream_.next_for({}, message->sequence.next())) {
    all.push_back(message->sequence);
  }
  std::map<std::string, std::uint64_t, std::less<>> behind;
  for (auto sequence = all.rbegin(); sequence != all.rend(); ++sequence) {
    const auto message = stream_.get(*sequence);
    if (!message) {
      continue;
    }
    std::uint64_t& later = behind[std::string(message->subject)];
    if (found_.contains(*sequence)) {
      ++later;
    } else if (later >= kept_per_subject) {
      found_.emplace(*sequence, std::nullopt);
    }
  }
}

std::optional<SettledFlight> InheritedDoubt::take_settled() {
  if (found_.empty()) {
    return std::nullopt;
  }
  // Messages go up in order. When it is not known where the last life had come to, those far before
  // one that is there have been there too, and the hub has removed them since.
  const bool settled = blind_ && found_.size() > base::forward_window_messages
                           ? true
                           : found_.begin()->first == first_in_doubt();
  if (!settled) {
    return std::nullopt;
  }
  auto first = found_.extract(found_.begin());
  from_ = first.key().next();
  return SettledFlight{first.key(), std::move(first.mapped())};
}

InheritedDoubt::Rest InheritedDoubt::close() {
  if (blind_ && !found_.empty()) {
    from_ = std::max(from_, window_before(found_.rbegin()->first));
    found_.erase(found_.begin(), found_.lower_bound(from_));
  }
  Rest rest{.from = from_, .found = std::exchange(found_, {})};
  from_ = last_.next();
  return rest;
}

/// Where the window of messages begins that ends with `sequence`.
StreamSeq InheritedDoubt::window_before(StreamSeq sequence) const {
  const std::uint64_t behind = stream_.count_from({}, sequence.next());
  std::uint64_t low = from_.value;
  std::uint64_t high = sequence.value;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (stream_.count_from({}, {middle}) - behind <= base::forward_window_messages) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return {low};
}

}  // namespace frond::sync
