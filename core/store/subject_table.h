#pragma once
// The subjects of a stream and, for each, the sequences of its live messages: what per-subject
// limits, "last by subject", filters and subject counts are answered from without scanning the
// stream. In RAM only, rebuilt at recovery; owned by MessageStore.

#include "store/subject_order.h"
#include "subject/filter_set.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace frond::store {

/// Ascending sequences. One sequence (a key with one revision) takes no heap memory.
class SequenceList {
 public:
  bool empty() const { return size() == 0; }
  std::size_t size() const;
  std::uint64_t front() const;
  std::uint64_t back() const;
  std::uint64_t at(std::size_t index) const;
  /// Index of the first sequence at or above; size() when there is none.
  std::size_t lower_bound(std::uint64_t sequence) const;
  void push_back(std::uint64_t sequence);
  /// The sequence must be in the list.
  void remove(std::uint64_t sequence);

 private:
  struct Many {
    std::vector<std::uint64_t> sequences;
    std::size_t head = 0;  // What lies before it has been removed.
  };
  std::uint64_t single_ = 0;  // The only sequence when many_ is null; 0 for none.
  std::unique_ptr<Many> many_;
};

class SubjectTable final : private SubjectNames {
 public:
  SubjectTable() : order_(*this) {}
  SubjectTable(const SubjectTable&) = delete;
  SubjectTable& operator=(const SubjectTable&) = delete;

  /// Id of the subject, made when new. Ids stay valid as long as the subject has sequences, and
  /// until the next call of id_for() when it has none.
  SubjectId id_for(std::string_view subject);
  std::optional<SubjectId> find(std::string_view subject) const;
  void add(SubjectId id, std::uint64_t sequence);
  void remove(SubjectId id, std::uint64_t sequence);

  std::string_view name(SubjectId id) const { return subjects_[id].name; }
  const SequenceList& sequences(SubjectId id) const { return subjects_[id].sequences; }
  /// Subjects that have messages.
  std::size_t size() const { return subjects_.size() - free_.size() - empty_; }

  /// Every subject with messages that matches the (possibly wildcard) filter, in no order. Cost:
  /// those that match, and a look for each token that its wildcards stand for on the way. Takes
  /// what it looked at from `steps`; false when they were used up, and not all was visited.
  bool each_matching(std::string_view filter, std::size_t& steps,
                     const std::function<void(SubjectId)>& visit) const;
  /// The same for what any of the filters matches, each subject once. Never more than a few looks
  /// at each subject, however many filters that are.
  bool each_matching(const subject::FilterSet& filters, std::size_t& steps,
                     const std::function<void(SubjectId)>& visit) const;

 private:
  std::string_view name_of(SubjectId id) const override { return name(id); }
  struct Subject {
    std::string name;
    std::uint64_t hash = 0;
    SequenceList sequences;
    bool in_use = false;
  };
  std::size_t slot_of(std::string_view subject, std::uint64_t hash) const;
  void grow();
  void sweep();
  bool each_in(std::span<const std::string> patterns, std::size_t& steps,
               std::vector<SubjectId>& found) const;

  std::deque<Subject> subjects_;      // By id; names do not move.
  std::vector<SubjectId> free_;       // Ids without a subject.
  std::vector<std::uint32_t> slots_;  // Hash table by linear probing: id + 1, 0 is free.
  std::size_t used_slots_ = 0;
  std::size_t empty_ = 0;  // Subjects in the table without messages; kept, they often come back.
  SubjectOrder order_;     // For wildcards.
};

}  // namespace frond::store
