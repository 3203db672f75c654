#include "store/block_log.h"

#include "base/assert.h"
#include "base/limits.h"
#include "base/sort.h"
#include "store/block_name.h"
#include "store/block_summary.h"

#include <algorithm>

namespace frond::store {

void normalize(std::vector<SequenceRange>& ranges) {
  base::sort(ranges,
             [](const SequenceRange& a, const SequenceRange& b) { return a.first < b.first; });
  std::size_t kept = 0;
  for (const SequenceRange& range : ranges) {
    if (kept > 0 && range.first <= ranges[kept - 1].last + 1) {
      ranges[kept - 1].last = std::max(ranges[kept - 1].last, range.last);
    } else {
      ranges[kept++] = range;
    }
  }
  ranges.resize(kept);
}

BlockLog::BlockLog(std::optional<StorePlace> place, std::uint64_t base, MessageIndex& index)
    : place_(std::move(place)),
      index_(index),
      last_(base),
      flushed_last_(base),
      durable_last_(base) {}

BlockLog::~BlockLog() = default;

std::string BlockLog::path_of(const BlockHeader& header) const {
  return place_->directory +
         print_block_name({.number = header.number, .generation = header.generation});
}

BlockLog::Block& BlockLog::add_block(BlockHeader header, std::size_t position) {
  auto block = std::make_unique<Block>();
  if (free_ids_.empty()) {
    block->id = static_cast<std::uint32_t>(by_id_.size());
    by_id_.push_back(block.get());
  } else {
    block->id = free_ids_.back();
    free_ids_.pop_back();
    by_id_[block->id] = block.get();
  }
  block->header = header;
  if (place_) {
    block->owner = place_->cache.new_owner();
    block->path = path_of(header);
  }
  next_number_ = std::max(next_number_, std::max(header.number, header.covers) + 1);
  Block& made = *block;
  blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(position), std::move(block));
  return made;
}

void BlockLog::erase_block(std::size_t position) {
  const Block& block = *blocks_[position];
  FROND_ASSERT(block.live == 0 && &block != active_);
  if (place_) place_->cache.forget(block.owner, block.size);
  std::erase_if(suspects_, [&](const Suspect& one) { return one.block == block.id; });
  by_id_[block.id] = nullptr;
  free_ids_.push_back(block.id);
  blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(position));
}

BlockLog::Block& BlockLog::open_block() {
  const std::uint64_t size_max = place_ ? base::block_bytes_max : base::memory_block_bytes_max;
  if (active_ != nullptr && active_->size >= size_max) {
    if (place_ && uncommitted_) end_frame();
    seal();
    if (!place_) maintain();
  }
  if (active_ == nullptr) {
    const std::uint64_t number = next_number_;
    active_ = &add_block({.number = number,
                          .covers = number,
                          .base = last_,
                          .incarnation = place_ ? place_->incarnation : 0},
                         blocks_.size());
    write_block_header(active_->ram, active_->header);
    active_->size = active_->ram.size();
  }
  return *active_;
}

void BlockLog::touch(std::uint64_t bytes) {
  if (!place_) return;
  uncommitted_ = true;
  last_ticket_ = place_->journal.open_ticket();
  place_->journal.announce(*place_->client, bytes);
}

/// Ends the records gathered so far with a commit record: they become valid together.
void BlockLog::end_frame() {
  // Not open_block(): that would end the frame of a full block and come back here.
  FROND_ASSERT(active_ != nullptr);
  Block& block = *active_;
  normalize(removed_);
  if (!removed_.empty()) {
    const std::uint64_t oldest = removed_.front().first;
    if (block.oldest_removed == 0 || oldest < block.oldest_removed) block.oldest_removed = oldest;
  }
  const std::size_t length = write_commit(block.ram, last_, removed_);
  block.size += length;
  block.commit_bytes += length;
  block.removed.insert(block.removed.end(), removed_.begin(), removed_.end());
  removed_.clear();
  uncommitted_ = false;
}

/// The active block is full, and its last frame has ended.
void BlockLog::seal() {
  Block& block = *std::exchange(active_, nullptr);
  // The next start reads a damaged block whole, and finds that it is.
  if (!place_ || block.damaged) return;
  normalize(block.removed);
  // What it removed of its own messages is dead in it.
  std::vector<SequenceRange> older;
  for (SequenceRange range : block.removed) {
    if (block.first != 0) range.last = std::min(range.last, block.first - 1);
    if (range.first <= range.last) older.push_back(range);
  }
  std::vector<SequenceRange>().swap(block.removed);
  summarize(block, std::move(older), last_);
}

/// Ends a block, whose bytes are in RAM to the end, with its summary. Small ones are as quickly
/// read whole.
void BlockLog::summarize(Block& block, std::vector<SequenceRange> removed, std::uint64_t last) {
  if (block.size < base::summarized_block_bytes_min) return;
  std::vector<std::uint64_t> live;
  live.reserve(block.live);
  const SequenceIndex& sequences = index_.sequences();
  for (std::uint64_t at = sequences.at_or_after(block.first); at != 0 && at <= block.last;
       at = sequences.at_or_after(at + 1)) {
    if (index_.find(at)->block == block.id) live.push_back(at);
  }
  const std::size_t before = block.ram.size();
  write_summary(block.ram,
                {.first = block.first,
                 .last = block.last,
                 .records = block.records,
                 .stream_last = last,
                 .commit_bytes = block.commit_bytes,
                 .headers = block.headers,
                 .removed = std::move(removed)},
                live, index_);
  block.size += block.ram.size() - before;
  block.commit_bytes += block.ram.size() - before;
}

void BlockLog::index_message(Block& block, const MessageRecord& message, std::uint64_t offset,
                             std::uint64_t length) {
  index_.add(message, {.block = block.id,
                       .offset = static_cast<std::uint32_t>(offset),
                       .length = static_cast<std::uint32_t>(length)});
  take_in(block, message.sequence, length);
}

/// The newest message lives in the block.
void BlockLog::take_in(Block& block, std::uint64_t sequence, std::uint64_t length) {
  if (block.first == 0) block.first = sequence;
  block.last = std::max(block.last, sequence);
  ++block.live;
  block.live_bytes += length;
  last_ = sequence;
}

void BlockLog::append(const MessageRecord& message) {
  FROND_ASSERT(message.sequence > last_);
  Block& block = open_block();
  const std::uint64_t offset = block.size;
  const std::size_t length = write_message(block.ram, message);
  block.size += length;
  ++block.records;
  block.headers = block.headers || !message.header.empty();
  index_message(block, message, offset, length);
  touch(length + base::unsaved_message_overhead);
}

void BlockLog::note_removed(std::uint64_t first, std::uint64_t last) {
  if (!place_) return;
  if (!removed_.empty() && removed_.back().last + 1 == first) {
    removed_.back().last = last;
  } else {
    removed_.push_back({first, last});
  }
  touch();
}

void BlockLog::drop(std::uint64_t sequence) {
  const IndexEntry& entry = *index_.find(sequence);
  Block& block = *by_id_[entry.block];
  --block.live;
  block.live_bytes -= entry.length;
  index_.remove(sequence);
}

std::uint64_t BlockLog::remove_range(std::uint64_t first, std::uint64_t last) {
  const SequenceIndex& sequences = index_.sequences();
  std::uint64_t removed = 0;
  std::uint64_t end = 0;
  for (std::uint64_t at = sequences.at_or_after(first); at != 0 && at <= last;
       at = sequences.at_or_after(at + 1)) {
    drop(at);
    ++removed;
    end = at;
  }
  if (removed > 0) note_removed(std::max(first, std::uint64_t{1}), end);
  return removed;
}

void BlockLog::skip_to(std::uint64_t next) {
  if (next <= last_ + 1) return;
  last_ = next - 1;
  touch();
}

Ticket BlockLog::ticket_of(std::uint64_t sequence) const {
  if (!place_ || sequence <= durable_last_) return Ticket{0};
  return sequence <= flushed_last_ ? flush_ticket_ : last_ticket_;
}

Read BlockLog::read(std::uint64_t sequence, MessageRecord& message) const {
  const IndexEntry* found = index_.find(sequence);
  if (found == nullptr) return Read::none;
  const Block& block = *by_id_[found->block];
  std::string_view bytes;
  const bool in_ram = found->offset >= block.ram_offset && !block.ram.empty();
  if (in_ram) {
    bytes = std::string_view(block.ram).substr(found->offset - block.ram_offset, found->length);
  } else {
    const BlockCache::Slice slice =
        place_->cache.read(block.owner, block.path, found->offset, found->length, block.ram_offset);
    if (!slice.page && slice.unreadable) return Read::unreadable;
    if (!slice.page) {
      suspect(block, found->offset);  // The file has become shorter.
      return Read::damaged;
    }
    page_ = slice.page;
    bytes = std::string_view(*page_).substr(slice.offset, found->length);
  }
  RawRecord record;
  // What comes from a file is checked each time: a wrong message must not be served (law 8).
  const bool good = read_record(bytes, record, !in_ram) == RecordStatus::ok &&
                    record.type == format::RecordType::message &&
                    read_message(record.fields, message) && message.sequence == sequence;
  if (good) return Read::ok;
  suspect(block, found->offset);
  return Read::damaged;
}

std::uint64_t BlockLog::file_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& block : blocks_) bytes += block->size;
  return bytes;
}

}  // namespace frond::store
