// Questions by subject. Two ways to each answer: walking the sequences and matching their subjects
// (good when many match), or going through the matching subjects' own lists (good when few do).
// Which is better is not known before: they take turns, each twice as long as the one before, so
// that the answer costs no more than a few times what the better one alone would.

#include "store/message_store.h"
#include "store/subject_filter.h"

#include <algorithm>

namespace frond::store {
namespace {

constexpr std::size_t walk_min = 128;  // Of the first turn.
constexpr std::uint64_t subjects_few = 1024;

// Asking costs by the number of filters. What asking passes over is then at least what it costs.
std::size_t walk_max(const subject::FilterSet& filters) {
  return std::max(walk_min, filters.size());
}
// A few literals are found faster by their own lists.
bool walk_pays(const subject::FilterSet& filters) {
  constexpr std::size_t few_literals = 16;
  return !filters.patterns().empty() || filters.size() > few_literals;
}

}  // namespace

const SequenceList* MessageStore::sequences_of(std::string_view subject) const {
  const auto id = subjects_.find(subject);
  return id ? &subjects_.sequences(*id) : nullptr;
}

void MessageStore::each_subject(const subject::FilterSet& filters,
                                const VisitSubject& visit) const {
  std::size_t steps = ~std::size_t{0};
  subjects_.each_matching(filters, steps, [&](SubjectId id) {
    visit(subjects_.name(id), subjects_.sequences(id));
  });
}

std::uint64_t MessageStore::next_matching(const subject::FilterSet& filters,
                                          std::uint64_t from) const {
  std::uint64_t at = index_.at_or_after(from);
  if (filters.all()) return at;
  for (std::size_t turn = walk_max(filters);; turn *= 2) {
    for (std::size_t walked = 0; at != 0 && walk_pays(filters) && walked < turn; ++walked) {
      if (filters.matches(subject_of(*index_.find(at)))) return at;
      at = index_.at_or_after(at + 1);
    }
    if (at == 0) return 0;
    std::uint64_t best = 0;
    std::size_t steps = turn;
    const bool all = subjects_.each_matching(filters, steps, [&](SubjectId id) {
      const SequenceList& sequences = subjects_.sequences(id);
      const std::size_t index = sequences.lower_bound(at);
      if (index == sequences.size()) return;
      if (best == 0 || sequences.at(index) < best) best = sequences.at(index);
    });
    if (all) return best;
  }
}

std::uint64_t MessageStore::last_matching(std::string_view filter, std::uint64_t to) const {
  std::uint64_t at = index_.at_or_before(to);
  if (filter.empty() || filter == ">") return at;
  const bool walks = filter_has_wildcard(filter);
  for (std::size_t turn = walk_min;; turn *= 2) {
    for (std::size_t walked = 0; at != 0 && walks && walked < turn; ++walked) {
      if (filter_matches(filter, subject_of(*index_.find(at)))) return at;
      at = index_.at_or_before(at - 1);
    }
    if (at == 0) return 0;
    std::uint64_t best = 0;
    std::size_t steps = turn;
    const bool all = subjects_.each_matching(filter, steps, [&](SubjectId id) {
      const SequenceList& sequences = subjects_.sequences(id);
      const std::size_t above = sequences.lower_bound(at + 1);
      if (above > 0) best = std::max(best, sequences.at(above - 1));
    });
    if (all) return best;
  }
}

std::uint64_t MessageStore::count_matching(const subject::FilterSet& filters,
                                           std::uint64_t from) const {
  const std::uint64_t all = index_.count_from(from);
  if (filters.all()) return all;
  // What has just come is faster looked at than asked for at every subject.
  const bool few = walk_pays(filters) && all <= walk_max(filters);
  std::uint64_t count = 0;
  std::size_t steps = few ? 0 : static_cast<std::size_t>(std::max(all, subjects_few));
  const auto add = [&](SubjectId id) {
    const SequenceList& sequences = subjects_.sequences(id);
    count += sequences.size() - sequences.lower_bound(from);
  };
  if (!few && subjects_.each_matching(filters, steps, add)) return count;
  count = 0;
  for (std::uint64_t at = index_.at_or_after(from); at != 0; at = index_.at_or_after(at + 1)) {
    count += filters.matches(subject_of(*index_.find(at))) ? 1 : 0;
  }
  return count;
}

}  // namespace frond::store
