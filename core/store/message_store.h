#pragma once
// The messages of one stream at rest: a BlockLog with their bytes and a MessageIndex with what is
// asked of them. Knows nothing of limits or configs: stream/ decides what to append and remove.
// Without files it is a memory stream. Owned by a stream.

#include "store/block_log.h"
#include "store/message_index.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace frond::store {

class MessageStore {
 public:
  /// `base` is the last sequence of a store in which nothing was ever stored. What bytes() says is
  /// in `total` as well, the sum over several stores.
  MessageStore(std::optional<StorePlace> place, std::uint64_t base, std::uint64_t* total = nullptr)
      : index_(place.has_value(), total), log_(std::move(place), base, index_) {}

  // As BlockLog has them.
  std::vector<BlockFault> recover() { return log_.recover(); }
  void append(const MessageRecord& message) { log_.append(message); }
  bool remove(std::uint64_t sequence) { return log_.remove_range(sequence, sequence) > 0; }
  std::uint64_t remove_range(std::uint64_t first, std::uint64_t last) {
    return log_.remove_range(first, last);
  }
  void skip_to(std::uint64_t next) { log_.skip_to(next); }
  bool rewind(std::uint64_t last) { return log_.rewind(last); }
  void flush() { log_.flush(); }
  bool durable(Ticket ticket) { return log_.durable(ticket); }
  bool maintenance_due() const { return log_.maintenance_due(); }
  void request_maintenance() { log_.request_maintenance(); }
  bool unsaved() const { return log_.unsaved(); }
  Ticket ticket() const { return log_.ticket(); }
  Ticket ticket_of(std::uint64_t sequence) const { return log_.ticket_of(sequence); }
  std::uint64_t last() const { return log_.last(); }
  std::uint64_t durable_last() const { return log_.durable_last(); }
  Read read(std::uint64_t sequence, MessageRecord& message) const {
    return log_.read(sequence, message);
  }
  bool suspicious() const { return log_.suspicious(); }
  std::vector<BlockFault> examine(std::vector<std::uint64_t>& damaged) {
    return log_.examine(damaged);
  }
  void forget(std::uint64_t sequence) { log_.forget(sequence); }
  std::size_t block_count() const { return log_.block_count(); }
  std::uint64_t file_bytes() const { return log_.file_bytes(); }
  bool bare(std::uint64_t sequence) const { return log_.bare(sequence); }

  // As MessageIndex has them.
  const MessageIndex& index() const { return index_; }
  const IndexEntry* entry(std::uint64_t sequence) const { return index_.find(sequence); }
  WallTime last_time() const { return index_.last_time(); }
  std::uint64_t messages() const { return index_.sequences().count(); }
  std::uint64_t bytes() const { return index_.bytes(); }
  std::size_t subjects() const { return index_.subjects(); }
  std::uint64_t size_of(std::size_t subject, std::size_t header, std::size_t payload) const {
    return index_.size_of(subject, header, payload);
  }

  /// First live message, or last + 1 when there is none.
  std::uint64_t first() const {
    const std::uint64_t first = index_.sequences().at_or_after(0);
    return first == 0 ? last() + 1 : first;
  }

 private:
  MessageIndex index_;
  BlockLog log_;
};

}  // namespace frond::store
