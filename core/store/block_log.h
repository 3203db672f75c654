#pragma once
// The bytes of a stream's messages: a row of blocks, of which the newest is appended to, and what
// becomes of them, from a commit's bytes to merging, compaction and recovery. append() and remove()
// change RAM at once and gather bytes; flush(), called when a commit is about to leave, turns what
// gathered into file operations: one append or one new block per commit. Says in a MessageIndex
// where each message lies, and moves that along; recover() fills it. Knows nothing of limits or
// configs. Without files the same code keeps the blocks in RAM, and nothing is flushed.
//
// Implemented in block_log.cc (write, read), block_flush.cc (commits, what is merged when),
// block_rewrite.cc (merging, compaction, going back), block_recovery.cc and block_recall.cc (a
// start from blocks, and from their summaries), block_damage.cc (what is found damaged later).
// Owned by MessageStore.

#include "store/block_cache.h"
#include "store/journal.h"
#include "store/message_index.h"
#include "store/record.h"

#include <frond/host.h>
#include <frond/types.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace frond::store {

/// What recovery found wrong with a file. The file is kept as it is.
struct BlockFault {
  std::string path;
  std::string reason;
};

/// Where a file store lives. The references outlive the store.
struct StorePlace {
  Journal& journal;
  const StorageReader& files;
  BlockCache& cache;
  std::string directory;          ///< With '/' at its end; blocks are files right in it.
  std::uint32_t incarnation = 0;  ///< Blocks of any other are not this store's (record.h).
  /// Announced to the journal for the store: its before_seal() has to call flush().
  JournalClient* client = nullptr;
};

/// What became of reading a message.
enum class Read : std::uint8_t {
  ok,
  none,        ///< There is no such message.
  damaged,     ///< Its bytes are wrong: the log is suspicious() now.
  unreadable,  ///< It is there, but the host does not give its bytes now.
};

class BlockLog {
 public:
  /// `base` is the last sequence of a log to which nothing was ever appended.
  BlockLog(std::optional<StorePlace> place, std::uint64_t base, MessageIndex& index);
  ~BlockLog();
  BlockLog(const BlockLog&) = delete;
  BlockLog& operator=(const BlockLog&) = delete;

  /// Reads all blocks; to be called once, on a fresh log with an empty index. What it reports has
  /// been dealt with: the rest is served and sequences that may have been used are not used again.
  std::vector<BlockFault> recover();

  /// Appends a message with a sequence above last().
  void append(const MessageRecord& message);
  /// Takes the messages first ... last out of the index, and says so in the log; how many.
  std::uint64_t remove_range(std::uint64_t first, std::uint64_t last);
  /// The next message gets a sequence of `next` or above.
  void skip_to(std::uint64_t next);
  /// Forgets everything above `last`: those sequences are given out again. False when a damaged
  /// block holds some of them; then nothing has changed.
  bool rewind(std::uint64_t last);
  /// The views live until the next call that is not const, or the next read().
  Read read(std::uint64_t sequence, MessageRecord& message) const;

  /// Something was found damaged after the start, by read() or by a rewrite, and is not dealt with.
  bool suspicious() const { return !suspects_.empty(); }
  /// Reads the blocks concerned again, bytes from the host and not from the cache. What to report,
  /// and in `damaged` the messages that are lost; each is to be given to forget().
  std::vector<BlockFault> examine(std::vector<std::uint64_t>& damaged);
  /// Takes a damaged message out of the index. The log says nothing of it: the file is kept, and
  /// the next start reads it again.
  void forget(std::uint64_t sequence) { drop(sequence); }

  /// Records file operations for everything that changed; for Journal's before_seal only.
  void flush();
  /// The commit with this ticket is durable. True when durable_last() grew.
  bool durable(Ticket ticket);
  /// Merging or compaction would pay.
  bool maintenance_due() const;
  /// Lets the next flush do one bounded slice of it (without files it is done now).
  void request_maintenance();
  /// Changes that no durable commit holds yet.
  bool unsaved() const { return uncommitted_ || flush_ticket_ != Ticket{0}; }
  /// The ticket that makes all changes so far durable.
  Ticket ticket() const { return last_ticket_; }
  /// The ticket that makes the message with this sequence durable; 0 when it already is.
  Ticket ticket_of(std::uint64_t sequence) const;

  std::uint64_t last() const { return last_; }
  std::uint64_t durable_last() const { return place_ ? durable_last_ : last_; }

  /// Files in use and their bytes, for tests and status.
  std::size_t block_count() const { return blocks_.size(); }
  std::uint64_t file_bytes() const;
  /// True when no message in this one's block has a header; the message must be there.
  bool bare(std::uint64_t sequence) const { return !by_id_[index_.find(sequence)->block]->headers; }

 private:
  struct Block {
    std::uint32_t id = 0;     // In by_id_; index entries name the block by it.
    std::uint64_t owner = 0;  // In the cache.
    BlockHeader header;
    std::string path;
    std::uint64_t first = 0;  // Sequences of the message records in it, dead or alive.
    std::uint64_t last = 0;
    std::uint64_t records = 0;  // Message records.
    std::uint64_t live = 0;     // Those the index points to.
    std::uint64_t live_bytes = 0;
    std::uint64_t commit_bytes = 0;
    std::uint64_t oldest_removed = 0;  // Lowest sequence that its commits remove; 0 for none.
    std::uint64_t size = 0;            // Bytes of the whole block.
    std::uint64_t flushed = 0;         // Bytes handed to the journal.
    std::string ram;                   // The bytes from ram_offset on.
    std::uint64_t ram_offset = 0;
    std::vector<SequenceRange> removed;  // By its commits, while it is appended to.
    bool headers = false;                // A message record in it has a header.
    bool damaged = false;                // Quarantined: never written, merged or removed.
  };
  struct Replay;
  struct Recovery;  // block_recovery.cc
  struct Suspect {
    std::uint32_t block = 0;
    std::uint64_t offset = 0;
  };

  Block& open_block();
  Block& add_block(BlockHeader header, std::size_t position);
  void erase_block(std::size_t position);
  void end_frame();
  void seal();
  void summarize(Block& block, std::vector<SequenceRange> removed, std::uint64_t last);
  void touch(std::uint64_t bytes = 0);
  void note_removed(std::uint64_t first, std::uint64_t last);
  void suspect(const Block& block, std::uint64_t offset) const;
  void drop(std::uint64_t sequence);
  void take_in(Block& block, std::uint64_t sequence, std::uint64_t length);
  void index_message(Block& block, const MessageRecord& message, std::uint64_t offset,
                     std::uint64_t length);
  std::string path_of(const BlockHeader& header) const;
  // block_recall.cc
  bool recall(const BlockHeader& header, const std::string& path, std::uint64_t size);
  void remove_replayed(Block& block, const std::vector<SequenceRange>& removed);

  // block_flush.cc
  void hand_over();
  void trim_ram();
  void remove_dead_blocks();
  bool removals_needed(std::size_t position) const;
  std::vector<SequenceRange> needed_removals(std::vector<SequenceRange> removed,
                                             std::size_t older) const;
  std::pair<std::size_t, std::size_t> small_run() const;
  bool wants_compaction(std::size_t position) const;
  void maintain();
  void merge_slice();
  bool merge(std::size_t begin, std::size_t count);
  std::optional<std::string> bytes_of(const Block& block) const;

  // block_rewrite.cc
  struct Moved {
    std::uint64_t sequence = 0;
    std::uint64_t offset = 0;
  };
  struct Joined;
  bool copy_live(Block& source, Joined& joined);
  std::optional<Joined> join(std::size_t position, std::size_t count, std::uint64_t last);
  Block& replace(std::size_t position, std::size_t count, Joined joined);
  void remove_replaced();
  bool rewrite(std::size_t position, std::size_t count);

  const std::optional<StorePlace> place_;
  std::deque<std::unique_ptr<Block>> blocks_;  // By number.
  std::vector<Block*> by_id_;
  std::vector<std::uint32_t> free_ids_;
  Block* active_ = nullptr;  // Takes appends; null: the next one opens a block.
  std::uint64_t next_number_ = 1;
  std::uint32_t generation_seen_ = 0;  // Of blocks that are not ours: their names are not used.

  MessageIndex& index_;
  std::uint64_t last_ = 0;

  std::vector<std::string> replaced_;  // Files that the next flush removes.

  std::vector<SequenceRange> removed_;  // Since the last commit record.
  bool uncommitted_ = false;            // Changes since the last commit record.
  bool maintenance_requested_ = false;
  std::uint64_t flushed_last_ = 0;
  std::uint64_t durable_last_ = 0;
  Ticket flush_ticket_{0};  // Of the flush that is not durable yet.
  Ticket last_ticket_{0};
  mutable BlockCache::Page page_;  // Keeps what read() returned alive.
  mutable std::vector<Suspect> suspects_;
};

/// Sorts, and joins ranges that touch or overlap.
void normalize(std::vector<SequenceRange>& ranges);

}  // namespace frond::store
