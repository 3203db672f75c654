#include "store/sequence_index.h"

#include "base/assert.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace frond::store {
namespace {

constexpr std::uint64_t one = 1;

/// First set bit at or above `from` in 256 bits; 256 when there is none.
std::uint64_t bit_at_or_after(const std::array<std::uint64_t, 4>& bits, std::uint64_t from) {
  for (std::uint64_t word = from / 64; word < 4; ++word) {
    std::uint64_t value = bits[word];
    if (word == from / 64) value &= ~std::uint64_t{0} << (from % 64);
    if (value != 0) return word * 64 + static_cast<std::uint64_t>(std::countr_zero(value));
  }
  return 256;
}

/// Last set bit at or below `from`; 256 when there is none.
std::uint64_t bit_at_or_before(const std::array<std::uint64_t, 4>& bits, std::uint64_t from) {
  for (std::uint64_t word = from / 64 + 1; word-- > 0;) {
    std::uint64_t value = bits[word];
    if (word == from / 64) value &= ~std::uint64_t{0} >> (63 - from % 64);
    if (value != 0) return word * 64 + 63 - static_cast<std::uint64_t>(std::countl_zero(value));
  }
  return 256;
}

}  // namespace

std::size_t SequenceIndex::lower_bound(std::uint64_t number) const {
  if (chunks_.empty() || number <= chunks_.front().number) return 0;
  // Nearly always there are no holes between chunks.
  const std::uint64_t guess = number - chunks_.front().number;
  if (guess < chunks_.size() && chunks_[guess].number == number) return guess;
  const auto found = std::lower_bound(
      chunks_.begin(), chunks_.end(), number,
      [](const Chunk& chunk, std::uint64_t value) { return chunk.number < value; });
  return static_cast<std::size_t>(found - chunks_.begin());
}

const SequenceIndex::Chunk* SequenceIndex::chunk_of(std::uint64_t sequence) const {
  const std::size_t at = lower_bound(sequence / chunk_size);
  if (at == chunks_.size() || chunks_[at].number != sequence / chunk_size) return nullptr;
  return &chunks_[at];
}

void SequenceIndex::add(std::uint64_t sequence, const IndexEntry& entry) {
  const std::uint64_t number = sequence / chunk_size;
  if (chunks_.empty() || chunks_.back().number != number) {
    FROND_ASSERT(chunks_.empty() || chunks_.back().number < number);
    Chunk chunk;
    chunk.number = number;
    chunk.entries = std::make_unique<std::array<IndexEntry, chunk_size>>();
    chunks_.push_back(std::move(chunk));
  }
  Chunk& chunk = chunks_.back();
  const std::uint64_t at = sequence % chunk_size;
  FROND_ASSERT(bit_at_or_after(chunk.live, at) == 256);
  chunk.live[at / 64] |= one << (at % 64);
  (*chunk.entries)[at] = entry;
  ++chunk.count;
  ++count_;
}

const IndexEntry* SequenceIndex::find(std::uint64_t sequence) const {
  const Chunk* chunk = chunk_of(sequence);
  const std::uint64_t at = sequence % chunk_size;
  if (chunk == nullptr || (chunk->live[at / 64] >> (at % 64) & 1) == 0) return nullptr;
  return &(*chunk->entries)[at];
}

IndexEntry* SequenceIndex::find(std::uint64_t sequence) {
  return const_cast<IndexEntry*>(std::as_const(*this).find(sequence));
}

void SequenceIndex::remove(std::uint64_t sequence) {
  const std::size_t position = lower_bound(sequence / chunk_size);
  FROND_ASSERT(position < chunks_.size() && chunks_[position].number == sequence / chunk_size);
  Chunk& chunk = chunks_[position];
  const std::uint64_t at = sequence % chunk_size;
  FROND_ASSERT((chunk.live[at / 64] >> (at % 64) & 1) != 0);
  chunk.live[at / 64] &= ~(one << (at % 64));
  --count_;
  if (--chunk.count == 0) {
    chunks_.erase(chunks_.begin() + static_cast<std::deque<Chunk>::difference_type>(position));
  }
}

std::uint64_t SequenceIndex::count_from(std::uint64_t sequence) const {
  std::size_t position = lower_bound(sequence / chunk_size);
  std::uint64_t here = 0;
  std::size_t after = position;
  if (position < chunks_.size() && chunks_[position].number == sequence / chunk_size) {
    const Chunk& chunk = chunks_[position];
    const std::uint64_t at = sequence % chunk_size;
    for (std::uint64_t word = at / 64; word < 4; ++word) {
      std::uint64_t value = chunk.live[word];
      if (word == at / 64) value &= ~std::uint64_t{0} << (at % 64);
      here += static_cast<std::uint64_t>(std::popcount(value));
    }
    ++after;
  }
  if (after > chunks_.size() / 2) {
    for (; after < chunks_.size(); ++after) here += chunks_[after].count;
    return here;
  }
  std::uint64_t others = count_;
  for (std::size_t i = 0; i < after; ++i) others -= chunks_[i].count;
  return others + here;
}

std::uint64_t SequenceIndex::at_or_after(std::uint64_t sequence) const {
  const std::uint64_t number = sequence / chunk_size;
  for (std::size_t i = lower_bound(number); i < chunks_.size(); ++i) {
    const Chunk& chunk = chunks_[i];
    const std::uint64_t from = chunk.number == number ? sequence % chunk_size : 0;
    const std::uint64_t bit = bit_at_or_after(chunk.live, from);
    if (bit < chunk_size) return chunk.number * chunk_size + bit;
  }
  return 0;
}

std::uint64_t SequenceIndex::at_or_before(std::uint64_t sequence) const {
  const std::uint64_t number = sequence / chunk_size;
  std::size_t i = lower_bound(number);
  if (i < chunks_.size() && chunks_[i].number == number) ++i;
  while (i-- > 0) {
    const Chunk& chunk = chunks_[i];
    const std::uint64_t from = chunk.number == number ? sequence % chunk_size : chunk_size - 1;
    const std::uint64_t bit = bit_at_or_before(chunk.live, from);
    if (bit < chunk_size) return chunk.number * chunk_size + bit;
  }
  return 0;
}

std::uint64_t SequenceIndex::first_at(std::int64_t time_ns) const {
  const auto last_time = [](const Chunk& chunk) {
    return (*chunk.entries)[bit_at_or_before(chunk.live, chunk_size - 1)].time_ns;
  };
  const auto found = std::partition_point(chunks_.begin(), chunks_.end(), [&](const Chunk& chunk) {
    return last_time(chunk) < time_ns;
  });
  if (found == chunks_.end()) return 0;
  std::uint64_t bit = bit_at_or_after(found->live, 0);
  while ((*found->entries)[bit].time_ns < time_ns) bit = bit_at_or_after(found->live, bit + 1);
  return found->number * chunk_size + bit;
}

}  // namespace frond::store
