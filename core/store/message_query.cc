// Questions by subject. Two ways to each answer: walking the sequences and matching their subjects
// (good when many match), or going through the matching subjects' own lists (good when few do).
// A short walk comes first, so that neither case costs the whole stream.

#include "store/message_store.h"
#include "store/subject_filter.h"

#include <algorithm>

namespace frond::store {
namespace {

// Messages looked at one by one before the subject lists are asked.
constexpr int walk_max = 128;

bool matches_any(std::span<const std::string> filters, std::string_view subject) {
  return std::any_of(filters.begin(), filters.end(), [subject](const std::string& filter) {
    return filter_matches(filter, subject);
  });
}

bool matches_all(std::span<const std::string> filters) {
  return filters.empty() ||
         std::any_of(filters.begin(), filters.end(),
                     [](const std::string& filter) { return filter.empty() || filter == ">"; });
}

}  // namespace

const SequenceList* MessageStore::sequences_of(std::string_view subject) const {
  const auto id = subjects_.find(subject);
  return id ? &subjects_.sequences(*id) : nullptr;
}

void MessageStore::each_subject(
    std::span<const std::string> filters,
    const std::function<void(std::string_view, const SequenceList&)>& visit) const {
  static const std::string all[] = {">"};
  if (filters.empty()) filters = all;
  for (std::size_t i = 0; i < filters.size(); ++i) {
    const std::span<const std::string> before = filters.first(i);
    subjects_.each_matching(filters[i].empty() ? ">" : std::string_view(filters[i]),
                            [&](SubjectId id) {
                              // A subject that an earlier filter matched has been visited.
                              if (i > 0 && matches_any(before, subjects_.name(id))) return;
                              visit(subjects_.name(id), subjects_.sequences(id));
                            });
  }
}

std::uint64_t MessageStore::next_matching(std::span<const std::string> filters,
                                          std::uint64_t from) const {
  std::uint64_t at = index_.at_or_after(from);
  if (matches_all(filters)) return at;
  const bool literal = std::none_of(filters.begin(), filters.end(), [](const std::string& filter) {
    return filter_has_wildcard(filter);
  });
  if (!literal) {
    for (int walked = 0; at != 0; ++walked) {
      if (matches_any(filters, subject_of(*index_.find(at)))) return at;
      at = index_.at_or_after(at + 1);
      if (walked == walk_max) break;
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
      if (walked == walk_max) break;
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

std::uint64_t MessageStore::count_matching(std::span<const std::string> filters,
                                           std::uint64_t from) const {
  if (matches_all(filters)) return index_.count_from(from);
  std::uint64_t count = 0;
  each_subject(filters, [&](std::string_view, const SequenceList& sequences) {
    count += sequences.size() - sequences.lower_bound(from);
  });
  return count;
}

}  // namespace frond::store
