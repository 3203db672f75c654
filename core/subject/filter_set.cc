#include "subject/filter_set.h"

#include "base/sort.h"
#include "subject/match.h"
#include "subject/validity.h"

#include <algorithm>

namespace frond::subject {
namespace {

// So few patterns are faster tried one after the other.
constexpr std::size_t few_patterns = 4;

void sort_unique(std::vector<std::string>& texts) {
  base::sort(texts);
  const auto doubles = std::ranges::unique(texts);
  texts.erase(doubles.begin(), doubles.end());
}

}  // namespace

FilterSet::FilterSet(const std::vector<std::string>& filters)
    : all_(filters.empty() || std::ranges::any_of(filters, [](const std::string& filter) {
             return filter.empty() || filter == any_rest;
           })) {
  if (all_) {
    return;
  }
  for (const std::string& filter : filters) {
    if (valid(filter)) {
      (has_wildcards(filter) ? patterns_ : literals_).push_back(filter);
    }
  }
  sort_unique(literals_);
  sort_unique(patterns_);
  if (patterns_.size() > few_patterns) {
    for (const std::string& pattern : patterns_) {
      pattern_trie_.at(pattern);
    }
  }
}

bool FilterSet::matches(std::string_view subject) const {
  return all_ || std::ranges::binary_search(literals_, subject, std::less<>()) ||
         matches_pattern(subject);
}

bool FilterSet::matches_pattern(std::string_view subject) const {
  if (!pattern_trie_.empty()) {
    return !pattern_trie_.match_literal(subject, [](const Here&) { return false; });
  }
  return std::ranges::any_of(patterns_, [subject](const std::string& pattern) {
    return subject::matches(pattern, subject);
  });
}

}  // namespace frond::subject
