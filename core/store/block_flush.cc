// Commits of a store: what gathered becomes file operations, dead blocks go, small blocks are
// merged and half-dead ones compacted. All file operations of a store are recorded here, inside
// flush(), and a flush runs only when no commit is in flight: so whatever was flushed before is
// durable, or the store has been rebuilt from its files.
//
// Order within a commit matters on hosts that may apply a part of it: new bytes first, then
// removals from the oldest block up. A commit record that removes messages of an older block is
// thereby never lost before the block itself is gone.

#include "base/limits.h"
#include "store/block_log.h"

#include <algorithm>

namespace frond::store {

void BlockLog::flush() {
  if (!place_ || (!uncommitted_ && !maintenance_requested_)) return;
  if (uncommitted_) {
    if (active_ == nullptr) open_block();
    end_frame();
  }
  const bool appends = place_->files.appends();
  if (active_ != nullptr &&
      (!appends || active_->damaged || active_->size >= base::block_bytes_max)) {
    seal();
  }
  hand_over();
  remove_replaced();
  if (active_ != nullptr) {
    // A grown block in which nothing lives is left behind: only then can it be removed.
    if (active_->live == 0 && active_->size >= base::small_block_bytes) active_ = nullptr;
  }
  remove_dead_blocks();
  if (maintenance_requested_) {
    maintenance_requested_ = false;
    maintain();
  } else {
    merge_slice();
  }
  flushed_last_ = last_;
  flush_ticket_ = place_->journal.open_ticket();
}

/// Gives the journal the bytes it has not seen.
void BlockLog::hand_over() {
  std::size_t first = blocks_.size();
  while (first > 0 && blocks_[first - 1]->flushed < blocks_[first - 1]->size) --first;
  for (; first < blocks_.size(); ++first) {
    Block& block = *blocks_[first];
    if (block.flushed == 0) {
      place_->journal.write(block.path, block.ram);
    } else {
      const std::string_view ram = block.ram;
      place_->journal.append(block.path, block.flushed,
                             ram.substr(block.flushed - block.ram_offset));
    }
    block.flushed = block.size;
  }
}

bool BlockLog::durable(Ticket ticket) {
  if (!place_ || flush_ticket_ == Ticket{0} || ticket < flush_ticket_) return false;
  flush_ticket_ = Ticket{0};
  trim_ram();
  const bool grew = flushed_last_ > durable_last_;
  durable_last_ = flushed_last_;
  return grew;
}

/// Keeps the newest durable bytes in RAM, where consumers read them next, and lets older ones go.
void BlockLog::trim_ram() {
  std::uint64_t kept = 0;
  for (std::size_t i = blocks_.size(); i-- > 0;) {
    Block& block = *blocks_[i];
    if (block.ram.empty()) continue;
    kept += block.ram.size();
    if (kept <= base::recent_bytes_max && block.header.generation == 0) continue;
    const std::uint64_t settled = block.flushed - block.ram_offset;
    // A prefix of a string is cut off rarely enough that moving the rest costs nothing.
    if (&block == active_ && settled < block.ram.size() / 2) continue;
    block.ram.erase(0, settled);
    if (block.ram.empty()) std::string().swap(block.ram);
    block.ram_offset = block.flushed;
  }
}

/// Whether an older block still holds a record that a commit in the block at `position` removed.
bool BlockLog::removals_needed(std::size_t position) const {
  const std::uint64_t oldest = blocks_[position]->oldest_removed;
  if (oldest == 0) return false;
  for (std::size_t i = 0; i < position; ++i) {
    const Block& older = *blocks_[i];
    if (older.damaged || (older.records > older.live && older.last >= oldest)) return true;
  }
  return false;
}

void BlockLog::remove_dead_blocks() {
  // Never the newest: it carries the last sequence.
  for (std::size_t i = 0; i + 1 < blocks_.size();) {
    const Block& block = *blocks_[i];
    if (block.live > 0 || block.damaged || &block == active_ || removals_needed(i)) {
      ++i;
      continue;
    }
    place_->journal.remove(block.path);
    erase_block(i);
  }
}

/// Of `removed`, what names records that blocks before position `older` still hold.
std::vector<SequenceRange> BlockLog::needed_removals(std::vector<SequenceRange> removed,
                                                     std::size_t older) const {
  normalize(removed);
  std::vector<SequenceRange> needed;
  std::size_t range = 0;
  for (std::size_t i = 0; i < older; ++i) {
    const Block& block = *blocks_[i];
    if (!block.damaged && block.records == block.live) continue;
    const std::uint64_t first = block.damaged ? block.header.base + 1 : block.first;
    const std::uint64_t last = block.damaged ? blocks_[i + 1]->header.base : block.last;
    if (first > last) continue;  // Its neighbours leave it no sequence of its own.
    while (range < removed.size() && removed[range].last < first) ++range;
    for (std::size_t j = range; j < removed.size() && removed[j].first <= last; ++j) {
      needed.push_back({std::max(removed[j].first, first), std::min(removed[j].last, last)});
    }
  }
  normalize(needed);
  return needed;
}

/// The newest run of neighbouring small blocks (without the newest block): position and count.
std::pair<std::size_t, std::size_t> BlockLog::small_run() const {
  if (blocks_.size() < 2) return {0, 0};
  std::size_t begin = blocks_.size() - 1;
  while (begin > 0 && blocks_[begin - 1]->size < base::small_block_bytes &&
         !blocks_[begin - 1]->damaged) {
    --begin;
  }
  return {begin, blocks_.size() - 1 - begin};
}

bool BlockLog::wants_compaction(std::size_t position) const {
  const Block& block = *blocks_[position];
  return position + 1 < blocks_.size() && !block.damaged && &block != active_ &&
         block.size >= base::compaction_bytes_min &&
         2 * (block.live_bytes + block.commit_bytes) < block.size;
}

bool BlockLog::maintenance_due() const {
  if (small_run().second >= base::small_blocks_merge) return true;
  for (std::size_t i = 0; i + 1 < blocks_.size(); ++i) {
    if (wants_compaction(i)) return true;
  }
  return false;
}

void BlockLog::request_maintenance() {
  if (!place_) {
    maintain();
    return;
  }
  maintenance_requested_ = true;
  place_->journal.announce(*place_->client);
}

/// One slice: one merge of small blocks or one compaction.
void BlockLog::maintain() {
  if (!place_) {
    for (std::size_t i = 0; i + 1 < blocks_.size();) {
      if (blocks_[i]->live == 0 && blocks_[i].get() != active_) {
        erase_block(i);
      } else {
        ++i;
      }
    }
  }
  const auto [begin, count] = small_run();
  if (place_ && count >= base::small_blocks_merge && merge(begin, count)) return;
  for (std::size_t i = 0; i + 1 < blocks_.size(); ++i) {
    if (wants_compaction(i) && rewrite(i, 1)) return;
  }
}

/// What a store that never rests merges along with a commit: few blocks of one generation, so that
/// no commit waits for more than a handful of files and each record is copied once a generation.
void BlockLog::merge_slice() {
  const auto [begin, count] = small_run();
  std::size_t same = 0;
  for (std::size_t i = begin; i < begin + count; ++i) {
    const bool goes_on =
        same > 0 && blocks_[i]->header.generation == blocks_[i - 1]->header.generation;
    same = goes_on ? same + 1 : 1;
    if (same >= base::small_blocks_slice) {
      merge(i + 1 - same, same);
      return;
    }
  }
}

/// Merges as many of `count` neighbouring blocks as fit into one.
bool BlockLog::merge(std::size_t begin, std::size_t count) {
  std::size_t taken = 0;
  std::uint64_t bytes = 0;
  while (taken < count && bytes < base::merged_block_bytes_max) {
    bytes += blocks_[begin + taken]->live_bytes;
    ++taken;
  }
  return taken >= 2 && rewrite(begin, taken);
}

/// The whole block: what is in RAM only comes from there.
std::optional<std::string> BlockLog::bytes_of(const Block& block) const {
  if (block.ram_offset == 0 && !block.ram.empty()) return block.ram;
  std::optional<std::string> bytes = place_->files.read(block.path, 0, block.ram_offset);
  if (!bytes || bytes->size() != block.ram_offset) return std::nullopt;
  *bytes += block.ram;
  return bytes;
}

}  // namespace frond::store
