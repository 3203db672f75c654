// Questions by subject. Two ways to each answer: walking the sequences and matching their subjects
// (good when many match), or going through the matching subjects' own lists (good when few do).
// A short walk comes first, so that neither case costs the whole stream.

#include "store/message_store.h"
#include "store/subject_filter.h"

#include <algorithm>

namespace frond::store {
namespace {

// Messages looked at one by one before the subject lists are asked; with many filters more, since
// asking costs by their number. What asking passes over is then at least what it costs.
std::size_t walk_max(const subject::FilterSet& filters) {
  return std::max<std::size_t>(128, filters.size());
}
// A few literals are found faster by their own lists.
bool walk_pays(const subject::FilterSet& filters) {
  constexpr std::size_t few_literals = 16;
  return !filters.patterns().empty() || filters.size() > few_literals;
}
// How far last_matching() walks back.
constexpr int walk_back_max = 128;

}  // namespace

const SequenceList* MessageStore::sequences_of(std::string_view subject) const {
  const auto id = subjects_.find(subject);
  return id ? &subjects_.sequences(*id) : nullptr;
}

void MessageStore::each_subject(
    const subject::FilterSet& filters,
    const std::function<void(std::string_view, const SequenceList&)>& visit) const {
  subjects_.each_matching(
      filters, [&](SubjectId id) { visit(subjects_.name(id), subjects_.sequences(id)); });
}

std::uint64_t MessageStore::next_matching(const subject::FilterSet& filters,
                                          std::uint64_t from) const {
  std::uint64_t at = index_.at_or_after(from);
  if (filters.all()) return at;
  if (walk_pays(filters)) {
    const std::size_t most = walk_max(filters);
    for (std::size_t walked = 0; at != 0; ++walked) {
      if (filters.matches(subject_of(*index_.find(at)))) return at;
      at = index_.at_or_after(at + 1);
      if (walked == most) break;
    }
  }
  if (at == 0) return 0;
  std::uint64_t best = 0;
  each_subject(filters, [&](std::string_view, const SequenceList& sequences) {
    const std::size_t index = sequences.lower_bound(at);
    if (index == sequences.size()) return;
    if (best == 0 || sequences.at(index) < best) best = sequences.at(index);
  });
  return best;
}

std::uint64_t MessageStore::last_matching(std::string_view filter, std::uint64_t to) const {
  std::uint64_t at = index_.at_or_before(to);
  if (filter.empty() || filter == ">") return at;
  if (filter_has_wildcard(filter)) {
    for (int walked = 0; at != 0; ++walked) {
      if (filter_matches(filter, subject_of(*index_.find(at)))) return at;
      at = index_.at_or_before(at - 1);
      if (walked == walk_back_max) break;
    }
  }
  if (at == 0) return 0;
  std::uint64_t best = 0;
  subjects_.each_matching(filter, [&](SubjectId id) {
    const SequenceList& sequences = subjects_.sequences(id);
    const std::size_t above = sequences.lower_bound(at + 1);
    if (above > 0) best = std::max(best, sequences.at(above - 1));
  });
  return best;
}

std::uint64_t MessageStore::count_matching(const subject::FilterSet& filters,
                                           std::uint64_t from) const {
  const std::uint64_t all = index_.count_from(from);
  if (filters.all()) return all;
  std::uint64_t count = 0;
  if (walk_pays(filters) && all <= walk_max(filters)) {
    // What has just come is faster looked at than asked for at every subject.
    for (std::uint64_t at = index_.at_or_after(from); at != 0; at = index_.at_or_after(at + 1)) {
      count += filters.matches(subject_of(*index_.find(at))) ? 1 : 0;
    }
    return count;
  }
  each_subject(filters, [&](std::string_view, const SequenceList& sequences) {
    count += sequences.size() - sequences.lower_bound(from);
  });
  return count;
}

}  // namespace frond::store
