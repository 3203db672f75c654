#pragma once
// What a full block says, in short, as its last record: the messages that live in it, with their
// places and subjects, and what it removes from blocks before it. So a start reads the ends of the
// full blocks and not the blocks. Nothing depends on it: a block whose summary is missing or
// damaged is read whole. Stateless; BlockLog writes one when a block is full or rewritten and reads
// it at recovery.

#include "store/format.h"
#include "store/message_index.h"
#include "store/record.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace frond::store {

struct BlockSummary {
  std::uint64_t first = 0;  ///< Sequences of the message records in the block, dead or alive.
  std::uint64_t last = 0;
  std::uint64_t records = 0;             ///< How many those are.
  std::uint64_t stream_last = 0;         ///< The stream's last sequence behind the block.
  std::uint64_t commit_bytes = 0;        ///< Of the commit records.
  bool headers = false;                  ///< Whether any of them has a header.
  std::vector<SequenceRange> removed{};  ///< From older blocks.

  struct Message {
    std::uint64_t sequence = 0;
    IndexEntry entry;  ///< Block is not set; subject is an index into `subjects`.
  };
  std::vector<Message> messages{};  ///< Those that lived when it was written, ascending.
  std::vector<std::string_view> subjects{};
};

/// Appends the record that ends a block. Messages come from the index: those of `live`, ascending.
void write_summary(std::string& out, const BlockSummary& summary,
                   const std::vector<std::uint64_t>& live, const MessageIndex& index);

/// How long the record is with which a block ends whose last bytes are these; 0 when it does not
/// end with a summary.
std::uint64_t summary_length(std::string_view end);
/// Views are into `record`, the summary's bytes, which begin at `offset` of the block. Nothing when
/// it is not whole, of another version, or does not fit the block.
std::optional<BlockSummary> read_summary(std::string_view record, std::uint64_t offset);

}  // namespace frond::store
