// Blocks that are replaced by one with what still lives in them: a merge, a compaction, or a store
// that goes back to an earlier sequence. The new block names those that it covers, and recovery
// takes it for them as soon as it is whole: so each of these is one step, whatever a crash leaves.

#include "base/assert.h"
#include "store/block_log.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace frond::store {

/// A block that is going to stand for others.
struct BlockLog::Joined {
  BlockHeader header;
  std::uint64_t last = 0;  // The stream's last sequence behind it.
  std::string bytes;
  std::vector<Moved> moved;
  std::vector<SequenceRange> removed{};
  bool headers = false;
};

/// Takes over what still lives in `source`, and its removals. False when it cannot be read whole:
/// it is left alone for good, like a block found damaged at recovery, and is to be examined.
bool BlockLog::copy_live(Block& source, Joined& joined) {
  const std::optional<std::string> bytes = bytes_of(source);
  std::vector<SequenceRange> removed_here;
  std::uint64_t at = format::block_header_bytes;
  RawRecord record;
  MessageRecord message;
  std::uint64_t last = 0;
  while (bytes && at < bytes->size()) {
    const std::string_view rest = std::string_view(*bytes).substr(at);
    if (read_record(rest, record) != RecordStatus::ok) break;
    if (record.type == format::RecordType::message && read_message(record.fields, message)) {
      const IndexEntry* found = index_.find(message.sequence);
      if (found != nullptr && found->block == source.id && found->offset == at &&
          message.sequence <= joined.last) {
        joined.moved.push_back({message.sequence, joined.bytes.size()});
        joined.headers = joined.headers || !message.header.empty();
        joined.bytes.append(rest.substr(0, record.length));
      }
    } else if (record.type == format::RecordType::commit &&
               read_commit(record.fields, last, removed_here)) {
      joined.removed.insert(joined.removed.end(), removed_here.begin(), removed_here.end());
    }
    at += record.length;
  }
  if (bytes && at != source.size) suspect(source, at);
  source.damaged = source.damaged || !bytes || at != source.size;
  return !source.damaged;
}

/// What is to stand for `count` blocks from `position` on, with `last` as the last sequence behind
/// them; nothing when one of them is damaged.
std::optional<BlockLog::Joined> BlockLog::join(std::size_t position, std::size_t count,
                                               std::uint64_t last) {
  const BlockHeader& newest = blocks_[position + count - 1]->header;
  Joined joined{
      .header = blocks_[position]->header, .last = last, .bytes = {}, .moved = {}, .removed = {}};
  joined.header.base = std::min(joined.header.base, last);
  joined.header.covers = std::max(newest.number, newest.covers);
  joined.header.incarnation = place_ ? place_->incarnation : 0;
  std::uint32_t generation = generation_seen_;
  for (std::size_t i = position; i < position + count; ++i) {
    if (blocks_[i]->damaged) return std::nullopt;
    generation = std::max(generation, blocks_[i]->header.generation);
  }
  // Only after strange files; then these blocks stay as they are.
  constexpr auto generation_max = std::numeric_limits<std::uint32_t>::max();
  if (!can_cover(joined.header.number, joined.header.covers) || generation == generation_max) {
    return std::nullopt;
  }
  joined.header.generation = generation + 1;
  write_block_header(joined.bytes, joined.header);
  for (std::size_t i = position; i < position + count; ++i) {
    if (!copy_live(*blocks_[i], joined)) return std::nullopt;
  }
  joined.removed = needed_removals(std::move(joined.removed), position);
  return joined;
}

/// The sources' messages must live in it or nowhere. Its bytes go out with the next hand_over(),
/// the sources' files with remove_replaced().
BlockLog::Block& BlockLog::replace(std::size_t position, std::size_t count, Joined joined) {
  Block& block = add_block(joined.header, position + count);
  if (!joined.removed.empty()) block.oldest_removed = joined.removed.front().first;
  block.commit_bytes = place_ ? write_commit(joined.bytes, joined.last, joined.removed) : 0;
  for (const Moved& one : joined.moved) {
    IndexEntry& entry = *index_.find(one.sequence);
    Block& source = *by_id_[entry.block];
    --source.live;
    source.live_bytes -= entry.length;
    entry.block = block.id;
    entry.offset = static_cast<std::uint32_t>(one.offset);
    block.live_bytes += entry.length;
  }
  block.live = block.records = joined.moved.size();
  block.first = joined.moved.empty() ? 0 : joined.moved.front().sequence;
  block.last = joined.moved.empty() ? 0 : joined.moved.back().sequence;
  block.headers = joined.headers;
  block.size = joined.bytes.size();
  block.ram = std::move(joined.bytes);
  if (place_) summarize(block, std::move(joined.removed), joined.last);
  for (std::size_t i = 0; i < count; ++i) {
    if (place_ && blocks_[position]->flushed > 0) replaced_.push_back(blocks_[position]->path);
    erase_block(position);
  }
  return block;
}

void BlockLog::remove_replaced() {
  for (const std::string& path : replaced_) place_->journal.remove(path);
  replaced_.clear();
}

/// Replaces `count` neighbouring blocks, none of them the newest, within a flush. False when they
/// stay.
bool BlockLog::rewrite(std::size_t position, std::size_t count) {
  FROND_ASSERT(position + count < blocks_.size());
  auto joined = join(position, count, blocks_[position + count]->header.base);
  if (!joined) return false;
  Block& block = replace(position, count, std::move(*joined));
  if (place_) {
    place_->journal.write(block.path, block.ram);
    block.flushed = block.size;
    remove_replaced();
  }
  return true;
}

/// A record above `last` in an older block would hide the new one of its sequence, so the blocks
/// that have any are replaced by one without. That is a single file, written ahead of the new
/// messages: a crash leaves the store before all this or after it.
bool BlockLog::rewind(std::uint64_t last) {
  if (last >= last_) return true;
  std::size_t first = 0;
  while (first + 1 < blocks_.size() && blocks_[first + 1]->header.base <= last) ++first;
  const std::size_t count = blocks_.size() - first;
  std::optional<Joined> joined;
  if (count > 0 && !(joined = join(first, count, last))) return false;
  active_ = nullptr;
  for (std::uint64_t at = index_.sequences().at_or_before(last_); at > last;
       at = index_.sequences().at_or_before(last_)) {
    drop(at);
  }
  if (joined) replace(first, count, std::move(*joined));
  last_ = last;
  index_.settle_time();
  std::erase_if(removed_, [last](const SequenceRange& range) { return range.first > last; });
  for (SequenceRange& range : removed_) range.last = std::min(range.last, last);
  flushed_last_ = std::min(flushed_last_, last);
  durable_last_ = std::min(durable_last_, last);
  touch();
  return true;
}

}  // namespace frond::store
