// Subjects against each other: the trie, the matcher and the overlap test must agree. Input: lines,
// the first is what is asked, the others are stored.
#include "subject/match.h"
#include "subject/trie.h"
#include "subject/validity.h"

#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace frond::subject;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::vector<std::string_view> subjects;
  while (!bytes.empty() && subjects.size() < 32) {
    const std::string_view line = bytes.substr(0, bytes.find('\n'));
    bytes.remove_prefix(std::min(bytes.size(), line.size() + 1));
    if (valid(line)) {
      subjects.push_back(line);
    } else {
      require(!valid_literal(line));
      Trie<int> trie;
      trie.at(">") = 1;
      trie.match_literal(line, [](int&) {});  // Any bytes may be published.
    }
  }
  if (subjects.empty()) {
    return 0;
  }
  const std::string_view asked = subjects[0];
  Trie<std::string_view> trie;
  std::set<std::string_view> by_literal, by_filter;
  for (const std::string_view stored : subjects) {
    trie.at(stored) = stored;
    require(overlap(stored, asked) == overlap(asked, stored));
    require(!is_subset(asked, stored) || overlap(asked, stored));
    require(is_subset(stored, stored));
    if (valid_literal(asked)) {
      require(matches(stored, asked) == overlap(stored, asked));
      if (matches(stored, asked)) {
        by_literal.insert(stored);
      }
    }
    if (is_subset(stored, asked)) {
      by_filter.insert(stored);
    }
  }
  std::set<std::string_view> found;
  if (valid_literal(asked)) {
    trie.match_literal(asked, [&found](std::string_view& stored) { found.insert(stored); });
    require(found == by_literal);
  }
  found.clear();
  trie.match_filter(asked, [&found](std::string_view subject, std::string_view& stored) {
    require(subject == stored);
    found.insert(stored);
  });
  require(found == by_filter);
  for (const std::string_view stored : subjects) {
    trie.erase(stored);
    require(trie.find(stored) == nullptr);
  }
  require(trie.empty());
  return 0;
}
