#pragma once
// What a stream holds, by sequence and by subject: for each live message where it lies, when it
// came, what it counts and which subject it has; for each subject its messages; and the questions
// that are answered without reading one. In RAM; filled by BlockLog, which knows the files. Owned
// by MessageStore.

#include "store/record.h"
#include "store/sequence_index.h"
#include "store/subject_table.h"
#include "subject/filter_set.h"

#include <frond/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace frond::store {

class MessageIndex {
 public:
  /// `files`: the messages lie in files. What bytes() says is in `total` as well, the sum over
  /// several.
  MessageIndex(bool files, std::uint64_t* total);
  ~MessageIndex();
  MessageIndex(const MessageIndex&) = delete;
  MessageIndex& operator=(const MessageIndex&) = delete;

  /// A message above all that were added, with its place in the log; the rest of the entry is
  /// filled in here.
  void add(const MessageRecord& message, IndexEntry place);
  /// The same when all of the entry is known; the subject by its id, which is good until the next
  /// call of subject_id() and as long as the subject has messages.
  void add(std::uint64_t sequence, const IndexEntry& entry);
  SubjectId subject_id(std::string_view subject) { return subjects_.id_for(subject); }
  /// The message must be there.
  void remove(std::uint64_t sequence);
  /// The log has gone back or was read again: last_time() is the newest message's.
  void settle_time();

  const SequenceIndex& sequences() const { return sequences_; }
  const IndexEntry* find(std::uint64_t sequence) const { return sequences_.find(sequence); }
  IndexEntry* find(std::uint64_t sequence) { return sequences_.find(sequence); }
  /// When the newest message was stored, also after it has gone.
  WallTime last_time() const { return last_time_; }
  /// As nats-server counts them for max_bytes, not what the blocks take.
  std::uint64_t bytes() const { return bytes_; }
  std::size_t subjects() const { return subjects_.size(); }
  /// What a message with these lengths counts, bytes.
  std::uint64_t size_of(std::size_t subject, std::size_t header, std::size_t payload) const;
  /// Until the next add() also when no message of the subject is left.
  std::string_view subject_named(SubjectId id) const { return subjects_.name(id); }

  /// Live sequences of a literal subject, ascending; null when there are none.
  const SequenceList* sequences_of(std::string_view subject) const;
  /// Those of an entry's subject; it must be live.
  const SequenceList& sequences_of(const IndexEntry& entry) const {
    return subjects_.sequences(entry.subject);
  }
  std::string_view subject_of(const IndexEntry& entry) const {
    return subjects_.name(entry.subject);
  }

  // Questions. 0 stands for no sequence.
  std::uint64_t next_matching(const subject::FilterSet& filters, std::uint64_t from) const;
  /// Last one at or below `to`.
  std::uint64_t last_matching(std::string_view filter, std::uint64_t to) const;
  std::uint64_t count_matching(const subject::FilterSet& filters, std::uint64_t from) const;
  /// Visits each subject that matches one of the filters, once, in no order.
  using VisitSubject = std::function<void(std::string_view subject, const SequenceList& sequences)>;
  void each_subject(const subject::FilterSet& filters, const VisitSubject& visit) const;

 private:
  void count_bytes(std::uint64_t more, std::uint64_t less);

  const bool files_;
  SequenceIndex sequences_;
  SubjectTable subjects_;
  WallTime last_time_{};
  std::uint64_t bytes_ = 0;
  std::uint64_t* const total_;
};

}  // namespace frond::store
