#include "route/interest.h"

#include "base/assert.h"

namespace frond::route {

std::uint64_t Interest::add(std::string_view subject, std::string_view queue, SinkKind kind,
                            std::uint32_t weight) {
  auto entry = entries_.find(View{subject, queue});
  if (entry == entries_.end()) {
    entry = entries_.emplace(Key{std::string(subject), std::string(queue)}, Weights{}).first;
  }
  return entry->second[static_cast<std::size_t>(kind)] += weight;
}

std::uint64_t Interest::remove(std::string_view subject, std::string_view queue, SinkKind kind,
                               std::uint32_t weight) {
  const auto entry = entries_.find(View{subject, queue});
  FROND_ASSERT(entry != entries_.end());
  std::uint64_t& left = entry->second[static_cast<std::size_t>(kind)];
  FROND_ASSERT(left >= weight);
  left -= weight;
  const std::uint64_t result = left;
  if (entry->second == Weights{}) {
    entries_.erase(entry);
  }
  return result;
}

}  // namespace frond::route
