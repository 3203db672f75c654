#pragma once
// Subjects in the order of their names, so that what a filter matches is found by going from one
// candidate to the next: where a subject does not fit, the filter says which name could be the next
// that does, and everything between is passed over. So "o.*.17" costs a look per token that stands
// for the "*", and not one per subject. Ids in chunks of some hundred; new ones wait unsorted until
// somebody asks. Knows names through SubjectNames. A part of SubjectTable.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace frond::store {

using SubjectId = std::uint32_t;

/// Which name an id stands for; it does not change while the id is in the order.
class SubjectNames {
 public:
  virtual ~SubjectNames() = default;
  virtual std::string_view name_of(SubjectId id) const = 0;
};

class SubjectOrder {
 public:
  explicit SubjectOrder(const SubjectNames& names) : names_(names) {}

  /// A subject that is not in it.
  void add(SubjectId id) { fresh_.push_back(id); }
  /// Those of which gone(id) says so leave.
  template <class Gone>
  void remove_if(Gone&& gone) {
    std::erase_if(fresh_, gone);
    for (std::vector<SubjectId>& chunk : chunks_) std::erase_if(chunk, gone);
    std::erase_if(chunks_, [](const std::vector<SubjectId>& chunk) { return chunk.empty(); });
    sorted_ = 0;
    for (const std::vector<SubjectId>& chunk : chunks_) sorted_ += chunk.size();
  }

  /// Goes through the subjects that a filter matches.
  class Walk {
   public:
    Walk(const SubjectOrder& order, std::string_view filter);
    /// The next one; false when there is none, or when no steps are left. Each candidate that is
    /// looked at takes one off `steps`.
    bool next(SubjectId& id, std::size_t& steps);
    bool ended() const { return chunk_ == order_.chunks_.size(); }

   private:
    bool matches(std::string_view name);
    void seek();

    const SubjectOrder& order_;
    std::vector<std::string_view> tokens_;
    std::size_t chunk_ = 0;
    std::size_t at_ = 0;
    std::string target_;   // No match is below it.
    bool behind_ = false;  // No match is left.
    bool seeks_ = true;    // Go on at target_, not at the next name.
  };

 private:
  void sort_in() const;
  void insert(SubjectId id) const;

  const SubjectNames& names_;
  mutable std::vector<std::vector<SubjectId>> chunks_;  // None is empty.
  mutable std::size_t sorted_ = 0;                      // How many are in them.
  mutable std::vector<SubjectId> fresh_;
};

}  // namespace frond::store
