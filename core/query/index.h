#pragma once
// A secondary index: for each document of a stream the key (collation.h) of one or several of its
// fields, in their order. Documents without the first field are not in it; one whose field is an
// array stands there under the array and under each of its items. What it finds is only where to
// look: the selector is run over it again, so a message that has gone meanwhile does no harm.
//
// Sorted, but for the newest entries, which are looked through until they are enough to be worth
// merging. In RAM only, made again from the log at open. Owned by StreamIndexes (indexes.h).

#include "query/fields.h"
#include "query/selector.h"
#include "stream/stream.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace frond::query {

class Index {
 public:
  /// "city,age": names of fields.
  explicit Index(std::string_view declared);

  const std::string& name() const { return name_; }
  void add(const stream::StoredMessage& message);
  /// Messages went away; their entries do when that is worth it.
  void note_removed(std::size_t messages) { dead_ += messages; }
  void settle(const stream::Stream& stream);

  /// The ranges of keys in which all that the selector finds must lie; false when it does not say.
  bool ranges_of(const Selector& selector, std::vector<KeyRange>& out) const;
  std::size_t count(const std::vector<KeyRange>& ranges) const;
  /// Appends their sequences, each once, ascending, none above `up_to`.
  void collect(const std::vector<KeyRange>& ranges, StreamSeq up_to,
               std::vector<StreamSeq>& out) const;
  std::size_t entries() const { return entries_.size(); }
  std::size_t bytes() const { return entries_.capacity() * sizeof(Entry) + keys_.capacity(); }

 private:
  struct Entry {
    std::uint64_t begin = 0;  // The first eight bytes of the key, so that few keys are looked up.
    std::uint64_t sequence = 0;
    std::uint32_t at = 0;  // Of the key in keys_.
    std::uint32_t size = 0;
  };
  void add_key(std::string_view key, StreamSeq sequence);
  bool below(const Entry& entry, std::string_view key) const;
  std::string_view key_of(const Entry& entry) const {
    return std::string_view(keys_).substr(entry.at, entry.size);
  }
  bool in(const Entry& entry, const KeyRange& range) const;
  std::size_t lower_bound(std::string_view key) const;
  std::size_t end_of(const KeyRange& range) const;
  void drop_dead(const stream::Stream& stream);

  std::string name_;
  Fields fields_;
  std::vector<std::size_t> slots_;
  std::vector<Entry> entries_;
  std::size_t sorted_ = 0;  // So many of them.
  std::size_t dead_ = 0;
  std::string keys_;
  std::string scratch_;
};

}  // namespace frond::query
