#pragma once
// Where each live message of a stream lies, by sequence. Chunks of 256 neighbouring sequences, so
// that a jump of millions (a mirror's gap) costs nothing and a chunk whose messages are all gone is
// freed. Kept in RAM only, rebuilt from the blocks at recovery; owned by MessageStore.

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

namespace frond::store {

struct IndexEntry {
  std::int64_t time_ns = 0;
  std::uint32_t block = 0;    ///< Id of the block in MessageStore.
  std::uint32_t offset = 0;   ///< Of the record in the block, bytes.
  std::uint32_t length = 0;   ///< Of the record, bytes.
  std::uint32_t size = 0;     ///< What the message counts against max_bytes, bytes.
  std::uint32_t subject = 0;  ///< Id in SubjectTable.
};

class SequenceIndex {
 public:
  /// `sequence` must be above all sequences ever added.
  void add(std::uint64_t sequence, const IndexEntry& entry);
  IndexEntry* find(std::uint64_t sequence);
  const IndexEntry* find(std::uint64_t sequence) const;
  /// The entry must exist.
  void remove(std::uint64_t sequence);

  std::uint64_t count() const { return count_; }
  /// Live messages at or above `sequence`. Cost: one step per 256 sequences.
  std::uint64_t count_from(std::uint64_t sequence) const;
  /// First live sequence at or above, last one at or below; 0 when there is none.
  std::uint64_t at_or_after(std::uint64_t sequence) const;
  std::uint64_t at_or_before(std::uint64_t sequence) const;
  /// First live sequence whose time is at or after `time_ns`; 0 when there is none. Times are taken
  /// to grow from chunk to chunk.
  std::uint64_t first_at(std::int64_t time_ns) const;

 private:
  static constexpr std::uint64_t chunk_size = 256;
  struct Chunk {
    std::uint64_t number = 0;             // sequence / chunk_size
    std::array<std::uint64_t, 4> live{};  // One bit a sequence.
    std::uint32_t count = 0;
    std::unique_ptr<std::array<IndexEntry, chunk_size>> entries;
  };
  std::size_t lower_bound(std::uint64_t number) const;
  const Chunk* chunk_of(std::uint64_t sequence) const;

  std::deque<Chunk> chunks_;
  std::uint64_t count_ = 0;
};

}  // namespace frond::store
