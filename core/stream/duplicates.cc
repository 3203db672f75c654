#include "stream/duplicates.h"

#include "base/time_sum.h"

#include <algorithm>

namespace frond::stream {

void Duplicates::expire(Instant now, Duration window) {
  while (!by_time_.empty() && now - by_time_.front().time >= window) {
    by_id_.erase(by_id_.find(*by_time_.front().id));
    by_time_.pop_front();
  }
}

std::uint64_t Duplicates::find(std::string_view id, Instant now, Duration window) {
  expire(now, window);
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? 0 : found->second;
}

void Duplicates::add(std::string_view id, std::uint64_t sequence, Instant time) {
  const auto [at, added] = by_id_.try_emplace(std::string(id), sequence);
  if (!added) {
    // Only from the log of a time without a window: the later one counts, for the time of both.
    at->second = sequence;
    return;
  }
  by_time_.push_back({time, &at->first});
}

void Duplicates::forget(const std::vector<std::uint64_t>& sequences) {
  std::erase_if(by_time_, [&](const Seen& seen) {
    const auto found = by_id_.find(*seen.id);
    const bool lost = std::binary_search(sequences.begin(), sequences.end(), found->second);
    if (lost) by_id_.erase(found);
    return lost;
  });
}

void Duplicates::clear() {
  by_time_.clear();
  by_id_.clear();
}

Instant Duplicates::next_expiry(Duration window) const {
  return by_time_.empty() ? kNever : base::after(by_time_.front().time, window);
}

}  // namespace frond::stream
