// Start of a store: its blocks are read in order and what they say is done again. The rules
// (docs/format.md has the reasons):
// - A message at or below the last sequence seen is old news. So overlap is harmless.
// - Records become valid with the commit record behind them. In the newest block of a host that
//   appends, what has no commit record is the torn end of a commit that nobody was told of:
//   dropped. Anywhere else it is damage: what can still be read is served.
// - An intact block of a higher generation replaces the blocks it covers; a damaged one is ignored
//   while those are still there.
// - A block of another incarnation of the stream is no block of it: reported and kept.
// - What a damaged header or commit record said counts when its checksum vouches for it (repair.h).
// - Damaged files are kept and never written again. Sequences that a damaged end may have used are
//   skipped.

#include "base/limits.h"
#include "base/sort.h"
#include "store/block_log.h"
#include "store/block_name.h"
#include "store/repair.h"

#include <algorithm>
#include <utility>

namespace frond::store {
namespace {

struct BlockFile : BlockName {
  std::string path;
  std::uint64_t size_bytes = 0;
  std::optional<BlockHeader> header;
  bool repaired = false;  // The header is not what the file says, but what it once said.
};

/// Looks for the next whole record behind damage; the end when there is none within the budget.
std::uint64_t resync(std::string_view bytes, std::uint64_t from, std::uint64_t& budget) {
  RawRecord record;
  for (std::uint64_t at = from; at < bytes.size() && budget > 0; ++at) {
    const std::string_view rest = bytes.substr(at);
    // Length and type first: nearly all wrong places fail there without a checksum.
    if (read_record(rest, record, false) != RecordStatus::ok) continue;
    budget -= std::min(budget, static_cast<std::uint64_t>(record.length));
    if (read_record(rest, record) == RecordStatus::ok) return at;
  }
  return bytes.size();
}

}  // namespace

/// Reading of one block into the store.
struct BlockLog::Replay {
  struct Waiting {
    MessageRecord message;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
  };

  BlockLog& store;
  Block& block;
  std::string_view bytes;
  std::vector<Waiting> frame;                            // Messages without a commit record yet.
  std::vector<SequenceRange> removed{};                  // Reused.
  std::uint64_t valid_end = format::block_header_bytes;  // Behind the last commit record.
  std::uint64_t damage_at = 0;                           // First damage, 0 for none.
  bool damage_inside = false;                            // A commit record follows it.

  void apply(const Waiting& one) {
    ++block.records;
    block.headers = block.headers || !one.message.header.empty();
    if (block.first == 0) block.first = one.message.sequence;
    block.last = std::max(block.last, one.message.sequence);
    if (one.message.sequence <= store.last_) return;
    store.index_message(block, one.message, one.offset, one.length);
  }

  void apply_frame(std::uint64_t bound) {
    for (const Waiting& one : frame) {
      if (one.message.sequence <= bound) apply(one);
    }
    frame.clear();
  }

  void commit(std::uint64_t last) {
    apply_frame(~std::uint64_t{0});
    store.remove_replayed(block, removed);
    block.removed.insert(block.removed.end(), removed.begin(), removed.end());
    store.last_ = std::max(store.last_, last);
  }

  /// A commit record of this length at `at`.
  void end_group(std::uint64_t last, std::uint64_t at, std::size_t length) {
    commit(last);
    block.commit_bytes += length;
    valid_end = at + length;
    damage_inside = damage_at != 0;
  }

  void scan() {
    std::uint64_t budget = base::resync_bytes_max;
    std::uint64_t at = format::block_header_bytes;
    RawRecord record;
    while (at < bytes.size()) {
      bool good = read_record(bytes.substr(at), record) == RecordStatus::ok;
      if (good && record.type == format::RecordType::message) {
        Waiting one{.message = {}, .offset = at, .length = record.length};
        good = read_message(record.fields, one.message);
        if (good) frame.push_back(one);
      } else if (good && record.type == format::RecordType::summary) {
        block.commit_bytes += record.length;
        if (valid_end == at) valid_end += record.length;
      } else if (good) {
        std::uint64_t last = 0;
        good = read_commit(record.fields, last, removed);
        if (good) end_group(last, at, record.length);
      }
      if (good) {
        at += record.length;
        continue;
      }
      if (damage_at == 0) damage_at = at;
      if (auto repaired = repair_commit(bytes.substr(at))) {
        removed = std::move(repaired->removed);
        end_group(repaired->last, at, repaired->length);
        at += repaired->length;
        continue;
      }
      at = resync(bytes, at + 1, budget);
    }
  }
};

/// One pass over all block files of a stream, in the order of their numbers. It decides of each
/// whether it is live, replaced by a merge, torn or damaged, and replays what is live.
struct BlockLog::Recovery {
  BlockLog& store;
  std::vector<BlockFile> names{};
  std::vector<BlockFault> faults{};
  std::uint64_t covered = 0;        // Blocks up to this number ...
  std::uint32_t covered_below = 0;  // ... of a lower generation have been replaced.
  bool end_lost = false;            // The newest block's end is unknown.
  Block* newest = nullptr;
  std::uint64_t newest_end = 0;

  bool is_last(std::size_t i) const { return i + 1 == names.size(); }
  bool appends() const { return store.place_->files.appends(); }
  bool replaced(const BlockFile& name) const {
    return name.number <= covered && name.generation < covered_below;
  }
  void quarantine(Block& block, std::string reason) {
    if (std::exchange(block.damaged, true)) return;  // Told already.
    faults.push_back({block.path, std::move(reason)});
  }

  /// A block of a stream that had this name before, left by a deletion that was done in part, or a
  /// file that somebody put here.
  bool foreign(const BlockFile& name) const {
    return name.header && name.header->incarnation != 0 &&
           name.header->incarnation != store.place_->incarnation;
  }
  /// It is never read or written, and no block of ours gets its place.
  void leave_alone(const BlockFile& name) {
    const std::uint64_t number = std::max(name.number, name.header->covers);
    store.next_number_ = std::max(store.next_number_, number + 1);
    store.generation_seen_ =
        std::max({store.generation_seen_, name.generation, name.header->generation});
    faults.push_back({name.path, "belongs to another stream of this name"});
  }

  void read_header(BlockFile& name, std::string_view bytes) const {
    name.header = read_block_header(bytes);
    if (!name.header) {
      name.header = repair_block_header(bytes, name, store.place_->incarnation);
      name.repaired = name.header.has_value();
    }
  }

  void list() {
    const std::string& directory = store.place_->directory;
    for (FileInfo& file : store.place_->files.list(directory)) {
      const auto parsed = parse_block_name(std::string_view(file.path).substr(directory.size()));
      if (!parsed) continue;
      BlockFile name{*parsed, std::move(file.path), file.size_bytes, {}, false};
      const auto head = store.place_->files.read(name.path, 0, format::block_header_bytes);
      read_header(name, head.value_or(""));
      if (is_newer_block(head.value_or(""))) store.place_->journal.found_newer(name.path);
      if (foreign(name)) {
        leave_alone(name);
      } else {
        names.push_back(std::move(name));
      }
    }
    base::sort(names, [](const BlockFile& a, const BlockFile& b) {
      return a.number != b.number ? a.number < b.number : a.generation > b.generation;
    });
  }

  /// A file that is no block, or not the one its name says. True when nothing behind it counts.
  bool take_unusable(std::size_t i, const std::optional<std::string>& bytes) {
    const BlockFile& name = names[i];
    if (is_last(i) && appends() && bytes && bytes->size() < format::block_header_bytes) {
      // Its first write was torn: nothing in it was ever durable. The number is used again.
      store.next_number_ = std::max(store.next_number_, name.number);
      return true;
    }
    if (name.generation > 0 && !is_last(i) && names[i + 1].number == name.number) {
      store.place_->journal.remove(name.path);  // A torn merge; its sources are still there.
      return false;
    }
    Block& block = store.add_block({.number = name.number,
                                    .generation = name.generation,
                                    .covers = name.number,
                                    .base = store.last_},
                                   store.blocks_.size());
    block.size = block.flushed = block.ram_offset = name.size_bytes;
    quarantine(block, bytes ? "not a block: header damaged" : "cannot be read");
    end_lost = true;
    newest = nullptr;
    return false;
  }

  /// A merged block that is not whole while its sources are still there. A whole one ends with its
  /// only commit record.
  bool torn_merge(std::size_t i, const BlockHeader& header, std::string_view bytes) const {
    std::uint64_t at = format::block_header_bytes;
    RawRecord record;
    while (at < bytes.size() && read_record(bytes.substr(at), record) == RecordStatus::ok) {
      at += record.length;
    }
    const bool whole = at == bytes.size() && at > format::block_header_bytes &&
                       record.type != format::RecordType::message;
    const bool has_sources = !is_last(i) && names[i + 1].number <= header.covers &&
                             names[i + 1].generation < names[i].generation;
    return !whole && has_sources;
  }

  /// The base of the next live block says which of this one's uncommitted messages had become
  /// durable after all.
  std::uint64_t next_base(std::size_t i) const {
    for (std::size_t next = i + 1; next < names.size(); ++next) {
      if (replaced(names[next])) continue;
      return names[next].header ? names[next].header->base : ~std::uint64_t{0};
    }
    return store.last_;
  }

  void replay_block(std::size_t i, const BlockHeader& header, std::string_view bytes) {
    // Sequences between what was seen and this block's base are lost or were removed.
    end_lost = false;
    store.last_ = std::max(store.last_, header.base);
    Block& block = store.add_block(header, store.blocks_.size());
    block.size = block.flushed = block.ram_offset = bytes.size();
    if (names[i].repaired) quarantine(block, "header damaged, its records are read");
    Replay replay{.store = store, .block = block, .bytes = bytes, .frame = {}};
    replay.scan();
    const std::string where = replay.damage_at == 0
                                  ? "no commit record at its end"
                                  : "damaged at byte " + std::to_string(replay.damage_at);
    const bool tail = replay.valid_end < bytes.size();
    if (is_last(i) && appends() && names[i].generation == 0) {
      // The tail is torn, not damaged: it never became durable.
      newest = &block;
      newest_end = replay.valid_end;
      if (replay.damage_inside) quarantine(block, where);
    } else if (is_last(i)) {
      replay.apply_frame(~std::uint64_t{0});
      if (tail || replay.damage_inside) quarantine(block, where);
      end_lost = tail;
    } else {
      const std::uint64_t bound = next_base(i);
      const bool lost = bound > store.last_;
      replay.apply_frame(bound);
      if (replay.damage_inside || (tail && lost)) quarantine(block, where);
    }
  }

  /// Whether the block's summary says what it holds. Such a block is whole and takes no appends.
  bool recalled(const BlockFile& name) {
    if (!name.header || name.repaired || name.header->number != name.number ||
        name.header->generation != name.generation ||
        !store.recall(*name.header, name.path, name.size_bytes)) {
      return false;
    }
    if (name.generation > 0) {
      covered = name.header->covers;
      covered_below = name.generation;
    }
    end_lost = false;
    newest = nullptr;
    return true;
  }

  /// True when nothing behind this file counts.
  bool take(std::size_t i) {
    const BlockFile& name = names[i];
    if (replaced(name)) {
      store.place_->journal.remove(name.path);  // A crash came between the merge and this removal.
      return false;
    }
    if (recalled(name)) return false;
    std::optional<std::string> bytes = store.place_->files.read(name.path, 0, name.size_bytes);
    if (bytes && bytes->size() < name.size_bytes && bytes->empty()) bytes.reset();
    const std::optional<BlockHeader> header = bytes ? name.header : std::nullopt;
    if (!header || header->number != name.number || header->generation != name.generation) {
      return take_unusable(i, bytes);
    }
    if (name.generation > 0) {
      if (torn_merge(i, *header, *bytes)) {
        store.place_->journal.remove(name.path);
        return false;
      }
      covered = header->covers;
      covered_below = header->generation;
    }
    replay_block(i, *header, *bytes);
    return false;
  }
};

std::vector<BlockFault> BlockLog::recover() {
  if (!place_) return {};
  Recovery recovery{.store = *this};
  recovery.list();
  for (std::size_t i = 0; i < recovery.names.size(); ++i) {
    if (recovery.take(i)) break;
  }
  if (recovery.end_lost) {
    last_ += std::min(base::sequence_skip_after_damage, base::sequence_max - last_);
  }
  Block* newest = recovery.newest;
  if (newest != nullptr && !newest->damaged && recovery.newest_end < base::block_bytes_max) {
    active_ = newest;
    newest->size = newest->flushed = newest->ram_offset = recovery.newest_end;
  }
  index_.settle_time();
  for (const auto& block : blocks_) {
    if (block.get() != active_) std::vector<SequenceRange>().swap(block->removed);
  }
  flushed_last_ = durable_last_ = last_;
  return std::move(recovery.faults);
}

}  // namespace frond::store
