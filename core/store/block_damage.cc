// Damage that is found after the start: in a message that is read, or while blocks are rewritten. A
// start from summaries reads no messages, so a wrong bit in a full block shows itself here.

#include "store/block_log.h"

#include <algorithm>
#include <string>
#include <utility>

namespace frond::store {

void BlockLog::suspect(const Block& block, std::uint64_t offset) const {
  const bool known = std::ranges::any_of(
      suspects_, [&block](const Suspect& one) { return one.block == block.id; });
  if (place_ && !known) suspects_.push_back({block.id, offset});
}

std::vector<BlockFault> BlockLog::examine(std::vector<std::uint64_t>& damaged) {
  std::vector<BlockFault> faults;
  MessageRecord message;
  for (const Suspect& one : std::exchange(suspects_, {})) {
    Block& block = *by_id_[one.block];
    const std::size_t before = damaged.size();
    place_->cache.forget(block.owner, block.size);
    for (std::uint64_t at = index_.sequences().at_or_after(block.first);
         at != 0 && at <= block.last; at = index_.sequences().at_or_after(at + 1)) {
      if (index_.find(at)->block == block.id && read(at, message) == Read::damaged) {
        damaged.push_back(at);
      }
    }
    const std::size_t lost = damaged.size() - before;
    // Nothing, when only the first reading was wrong.
    if (lost == 0 && !block.damaged) continue;
    block.damaged = true;
    faults.push_back({block.path, "damaged at byte " + std::to_string(one.offset) +
                                      ", messages lost: " + std::to_string(lost)});
  }
  suspects_.clear();  // Reading them has made them suspect again.
  return faults;
}

}  // namespace frond::store
