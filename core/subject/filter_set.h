#pragma once
// A list of filters made ready for many questions: which literal subjects does any of them match?
// Consumers and direct gets make one of what a client gave them, the store asks it for every
// message. Thousands of filters cost no more per question than the depth of the subject.
// A value; whoever reads keeps it as long as it reads.

#include "subject/trie.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace frond::subject {

class FilterSet {
 public:
  /// Everything.
  FilterSet() = default;
  /// No filters mean everything, and so does one that is empty or ">". Those that are no valid
  /// subjects match nothing; a filter that stands twice counts once.
  FilterSet(const std::vector<std::string>& filters);  // NOLINT(google-explicit-constructor)
  static FilterSet one(std::string_view filter) { return FilterSet({std::string(filter)}); }

  bool all() const { return all_; }
  /// Those without wildcards, and those with.
  std::span<const std::string> literals() const { return literals_; }
  std::span<const std::string> patterns() const { return patterns_; }
  std::size_t size() const { return literals_.size() + patterns_.size(); }

  /// Whether this literal subject passes.
  bool matches(std::string_view subject) const;
  /// Whether this literal subject is matched by one of patterns().
  bool matches_pattern(std::string_view subject) const;

 private:
  struct Here {};

  bool all_ = true;
  std::vector<std::string> literals_;  // Sorted.
  std::vector<std::string> patterns_;
  Trie<Here> pattern_trie_;  // The same; filled only when they are many.
};

}  // namespace frond::subject
