#pragma once
// Records and block headers to bytes and back (format.h). Stateless: the message store appends with
// write_*, recovery and reads cut records out of a block's bytes with read_record. Views returned
// point into the bytes given.

#include "store/format.h"

#include <frond/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace frond::store {

/// Sequences first ... last, both included.
struct SequenceRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  bool operator==(const SequenceRange&) const = default;
};

struct BlockHeader {
  std::uint64_t number = 0;      ///< Place in the order of blocks.
  std::uint32_t generation = 0;  ///< Grows when the block is merged or compacted anew.
  std::uint64_t covers = 0;      ///< Replaces all blocks number ... covers of lower generation.
  std::uint64_t base = 0;        ///< The stream's last sequence before the block's first record.
  /// Whose block it is: differs when a stream is deleted and made again under its name. 0 in blocks
  /// of version 1, which do not say.
  std::uint32_t incarnation = 0;
};

/// The incarnation of a stream with this identity; never 0.
std::uint32_t incarnation_of(std::string_view identity);
/// Whether a header can say that one block replaces all from `number` to `covers`.
bool can_cover(std::uint64_t number, std::uint64_t covers);

struct MessageRecord {
  std::uint64_t sequence = 0;
  WallTime time{};
  std::string_view subject;
  std::string_view header;
  std::string_view payload;
};

void write_block_header(std::string& out, const BlockHeader& header);
/// Nothing when too short, of another version or damaged.
std::optional<BlockHeader> read_block_header(std::string_view bytes);

/// Whether this is the whole header of a version that is later than what is read here.
bool is_newer_block(std::string_view bytes);

/// Appends and returns the record's length in bytes.
std::size_t write_message(std::string& out, const MessageRecord& message);
std::size_t write_commit(std::string& out, std::uint64_t last,
                         const std::vector<SequenceRange>& removed);

/// `body` is what block_summary.h writes; the end that shows where the record begins is added here.
void write_summary_record(std::string& out, std::string_view body);

/// One framed record: its bytes in the block and its checked body.
struct RawRecord {
  std::size_t length = 0;  ///< With checksum and length.
  format::RecordType type{};
  std::string_view fields;  ///< Body behind the type.
};

enum class RecordStatus : std::uint8_t {
  ok,
  truncated,  ///< The bytes end inside it.
  damaged,    ///< Checksum, length or type is wrong.
};

/// Reads the record at the start of `bytes`. With `verify` false the checksum is taken on trust.
RecordStatus read_record(std::string_view bytes, RawRecord& record, bool verify = true);
/// False when the fields do not add up (only by a defect in a writer: the checksum was right).
bool read_message(std::string_view fields, MessageRecord& message);
bool read_commit(std::string_view fields, std::uint64_t& last, std::vector<SequenceRange>& removed);

}  // namespace frond::store
