#include "subject/collisions.h"

#include "base/limits.h"
#include "subject/match.h"
#include "subject/trie_patterns.h"

namespace frond::subject {

Collision first_overlap(std::span<const std::string> subjects) {
  struct Here {};
  Trie<Here> later;
  Collision collision;
  std::size_t steps = base::pattern_steps_max;
  for (std::size_t i = subjects.size(); i-- > 0;) {
    const Search search =
        visit_overlapping(later, subjects[i], steps, [](const Here&) { return false; });
    if (search == Search::gave_up) {
      return {.kind = Collision::Kind::unknown};
    }
    if (search == Search::stopped) {
      collision.kind = Collision::Kind::found;
      collision.first = i;
    }
    later.at(subjects[i]);
  }
  if (collision.kind == Collision::Kind::found) {
    collision.second = collision.first + 1;
    while (!overlap(subjects[collision.first], subjects[collision.second])) {
      ++collision.second;
    }
  }
  return collision;
}

Collision first_subset(std::span<const std::string> subjects) {
  Trie<std::size_t> count;
  for (const std::string& subject : subjects) {
    ++count.at(subject);
  }
  std::size_t steps = base::pattern_steps_max;
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    // Each covers itself once.
    std::size_t covering = 0;
    const Search search =
        visit_covering(count, subjects[i], steps, [&covering](const std::size_t& times) {
          covering += times;
          return covering < 2;
        });
    if (search == Search::gave_up) {
      return {.kind = Collision::Kind::unknown};
    }
    if (search == Search::stopped) {
      return {.kind = Collision::Kind::found, .first = i};
    }
  }
  return {};
}

}  // namespace frond::subject
