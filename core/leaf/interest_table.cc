#include "leaf/interest_table.h"

namespace frond::leaf {

void InterestTable::interest_changed(std::string_view subject, std::string_view queue,
                                     route::SinkKind kind, std::uint64_t weight) {
  const Key key{std::string(subject), std::string(queue)};
  Weights& entry = entries_[key];
  entry.by_kind[static_cast<std::size_t>(kind)] = weight;
  const Weights weights = entry;
  if (weights.none()) {
    entries_.erase(key);
  }
  for (Observer* observer : observers_) {
    observer->interest_now(subject, queue, weights);
  }
}

void InterestTable::refresh(std::string_view subject) const {
  for (auto at = entries_.lower_bound(Key{std::string(subject), {}});
       at != entries_.end() && at->first.first == subject; ++at) {
    for (Observer* observer : observers_) {
      observer->interest_now(subject, at->first.second, at->second);
    }
  }
}

void InterestTable::each(
    const std::function<void(std::string_view, std::string_view, const Weights&)>& visit) const {
  for (const auto& [key, weights] : entries_) {
    visit(key.first, key.second, weights);
  }
}

}  // namespace frond::leaf
