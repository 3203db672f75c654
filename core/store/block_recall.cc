// A start without reading a block: what it holds and removes is taken from its summary.

#include "base/limits.h"
#include "store/block_log.h"
#include "store/block_summary.h"

#include <algorithm>
#include <utility>

namespace frond::store {
namespace {

constexpr auto unknown_id = ~SubjectId{0};

/// The record with which a block ends; empty when it has to be read whole.
std::string summary_bytes(const StorageReader& files, const std::string& path, std::uint64_t size) {
  if (size < base::summarized_block_bytes_min) return {};
  const auto end = files.read(path, size - format::summary_end_bytes, format::summary_end_bytes);
  const std::uint64_t length = summary_length(end.value_or(""));
  if (length == 0 || length > size - format::block_header_bytes) return {};
  std::optional<std::string> record = files.read(path, size - length, length);
  return record && record->size() == length ? *std::move(record) : std::string();
}

}  // namespace

/// Takes in the next block, which is whole and nobody's replacement. False when it has no summary
/// that can be used; then nothing has changed.
bool BlockLog::recall(const BlockHeader& header, const std::string& path, std::uint64_t size) {
  const std::string record = summary_bytes(place_->files, path, size);
  if (record.empty()) return false;
  const auto summary = read_summary(record, size - record.size());
  if (!summary) return false;
  last_ = std::max(last_, header.base);
  Block& block = add_block(header, blocks_.size());
  block.size = block.flushed = block.ram_offset = size;
  block.commit_bytes = summary->commit_bytes + record.size();
  block.headers = summary->headers;
  remove_replayed(block, summary->removed);
  std::vector<SubjectId> ids(summary->subjects.size(), unknown_id);
  for (const BlockSummary::Message& message : summary->messages) {
    if (message.sequence <= last_) continue;  // As in a block that is read.
    IndexEntry entry = message.entry;
    SubjectId& id = ids[entry.subject];
    if (id == unknown_id) id = index_.subject_id(summary->subjects[entry.subject]);
    entry.subject = id;
    entry.block = block.id;
    index_.add(message.sequence, entry);
    take_in(block, message.sequence, entry.length);
  }
  block.first = summary->first;
  block.last = summary->last;
  block.records = summary->records;
  last_ = std::max(last_, summary->stream_last);
  return true;
}

/// What a commit record in the block says is gone.
void BlockLog::remove_replayed(Block& block, const std::vector<SequenceRange>& removed) {
  for (const SequenceRange& range : removed) {
    const SequenceIndex& sequences = index_.sequences();
    for (std::uint64_t at = sequences.at_or_after(range.first); at != 0 && at <= range.last;
         at = sequences.at_or_after(at + 1)) {
      drop(at);
    }
    // Blocks of earlier builds have ranges that begin at 0, which is no sequence.
    const std::uint64_t oldest = std::max(range.first, std::uint64_t{1});
    if (block.oldest_removed == 0 || oldest < block.oldest_removed) {
      block.oldest_removed = oldest;
    }
  }
}

}  // namespace frond::store
