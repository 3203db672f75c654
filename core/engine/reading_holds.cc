#include "engine/reading_holds.h"

#include "base/limits.h"

#include <algorithm>
#include <utility>

namespace frond::engine {

ReadingHolds::ReadingHolds(const store::Journal& journal, const store::DurabilityGate& gate,
                           std::function<bool(ConnectionId)> alive)
    : journal_(journal),
      gate_(gate),
      alive_(std::move(alive)),
      groups_{Group{.most = base::unsaved_bytes_max, .low = base::unsaved_bytes_low},
              Group{.most = 2 * base::unsaved_bytes_max, .low = base::unsaved_bytes_max}} {}

void ReadingHolds::after_reading(ConnectionId connection, bool hub) {
  if (unsaved() <= unsaved_before_) {
    return;
  }
  Group& group = groups_[hub ? 1 : 0];
  group.writers.insert(connection);
  if (group.writers.size() > group.sweep_at) {
    std::erase_if(group.writers, [this](ConnectionId writer) { return !alive_(writer); });
    group.sweep_at = std::max(group.sweep_at, 2 * group.writers.size());
  }
}

void ReadingHolds::settle(const std::function<void(ConnectionId, bool hold)>& change) {
  for (Group& group : groups_) {
    group.holding = unsaved() > (group.holding ? group.low : group.most);
    if (group.holding) {
      for (const ConnectionId writer : group.writers) {
        if (alive_(writer) && group.held.insert(writer).second) {
          change(writer, true);
        }
      }
    } else if (!group.held.empty()) {
      for (const ConnectionId held : std::exchange(group.held, {})) {
        if (alive_(held)) {
          change(held, false);
        }
      }
    }
  }
}

}  // namespace frond::engine
