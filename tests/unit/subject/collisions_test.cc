// Subjects of one list that get in each other's way: the same answers as comparing each with each,
// in time that grows with the list.
#include "subject/collisions.h"

#include "subject/filter_set.h"
#include "subject/match.h"
#include "subject/trie_patterns.h"
#include "subject/validity.h"
#include "support/growth.h"

#include <catch2/catch.hpp>
#include <limits>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace frond::subject {
namespace {

using Strings = std::vector<std::string>;

/// Subjects that meet often.
std::string random_subject(std::mt19937& random) {
  const Strings tokens = {"a", "b", "*", "c"};
  std::string text;
  for (std::size_t left = 1 + random() % 4; left > 0; --left) {
    text += text.empty() ? "" : ".";
    text += tokens[random() % tokens.size()];
  }
  return random() % 5 == 0 ? (random() % 4 == 0 ? ">" : text + ".>") : text;
}

Strings random_list(std::mt19937& random, std::size_t most) {
  Strings list(random() % (most + 1));
  for (std::string& one : list) one = random_subject(random);
  return list;
}

Collision each_with_each(const Strings& list) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    for (std::size_t j = i + 1; j < list.size(); ++j) {
      if (overlap(list[i], list[j])) return {Collision::Kind::found, i, j};
    }
  }
  return {};
}

bool any_subset(const Strings& list) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    for (std::size_t j = 0; j < list.size(); ++j) {
      if (i != j && is_subset(list[i], list[j])) return true;
    }
  }
  return false;
}

constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

}  // namespace

TEST_CASE("collisions are those that comparing each with each finds") {
  std::mt19937 random(7);
  for (int round = 0; round < 4000; ++round) {
    const Strings list = random_list(random, 7);
    const Collision expected = each_with_each(list);
    const Collision found = first_overlap(list);
    CHECK(found.kind == expected.kind);
    CHECK(found.first == expected.first);
    CHECK(found.second == expected.second);
    CHECK((first_subset(list).kind == Collision::Kind::found) == any_subset(list));
  }
}

TEST_CASE("a search by pattern visits what overlaps, or what covers, and nothing else") {
  std::mt19937 random(11);
  for (int round = 0; round < 2000; ++round) {
    const Strings list = random_list(random, 9);
    Trie<std::string> trie;
    for (const std::string& one : list) trie.at(one) = one;
    const std::string asked = random_subject(random);
    INFO(asked);
    std::multiset<std::string> overlapping, covering;
    for (const std::string& one : std::set<std::string>(list.begin(), list.end())) {
      if (overlap(one, asked)) overlapping.insert(one);
      if (is_subset(asked, one)) covering.insert(one);
    }
    const auto collect = [](std::multiset<std::string>& into) {
      return [&into](const std::string& one) {
        into.insert(one);
        return true;
      };
    };
    std::multiset<std::string> found;
    std::size_t steps = unlimited;
    CHECK(visit_overlapping(trie, asked, steps, collect(found)) == Search::ended);
    CHECK(found == overlapping);
    found.clear();
    CHECK(visit_covering(trie, asked, steps, collect(found)) == Search::ended);
    CHECK(found == covering);
  }
}

TEST_CASE("a search stops at its visitor's word and at its bound") {
  Trie<int> trie;
  for (int i = 0; i < 100; ++i) trie.at("a." + std::to_string(i)) = i;
  std::size_t steps = unlimited;
  int visited = 0;
  CHECK(visit_overlapping(trie, "a.*", steps, [&](const int&) { return ++visited < 5; }) ==
        Search::stopped);
  CHECK(visited == 5);
  steps = 10;
  CHECK(visit_overlapping(trie, "a.*", steps, [](const int&) { return true; }) == Search::gave_up);
  CHECK(steps == 0);
  CHECK(visit_overlapping(trie, "a.*", steps, [](const int&) { return true; }) == Search::gave_up);
}

TEST_CASE("thousands of subjects are compared in time that grows with their number") {
  const auto list = [](std::size_t size, const std::string& before, const std::string& behind) {
    Strings subjects(size);
    for (std::size_t i = 0; i < size; ++i) subjects[i] = before + std::to_string(i) + behind;
    return subjects;
  };
  for (const auto& [before, behind] : std::vector<std::pair<std::string, std::string>>{
           {"", ""}, {"orders.", ".new"}, {"*.", ".>"}, {"a.*.", ".*"}, {"t", ".>"}}) {
    INFO(before << "N" << behind);
    CHECK(test::growth(
              [&](std::size_t size) {
                return [subjects = list(size, before, behind)] {
                  CHECK(first_overlap(subjects).kind == Collision::Kind::none);
                  CHECK(first_subset(subjects).kind == Collision::Kind::none);
                };
              },
              2000) < test::growth_max);
  }
}

TEST_CASE("a list made to be compared for ever is given up") {
  // "*.i" meets the first token of every "j.*.x", and fails at the last one only.
  Strings crossing;
  for (int i = 0; i < 6000; ++i) {
    crossing.push_back("*." + std::to_string(i) + ".x");
    crossing.push_back(std::to_string(i) + ".*.y");
  }
  const double start = test::thread_seconds();
  CHECK(first_overlap(crossing).kind == Collision::Kind::unknown);
  CHECK(test::thread_seconds() - start < 5);  // A second at most without sanitizers.
}

TEST_CASE("a set of filters matches what any of its filters matches") {
  std::mt19937 random(3);
  for (int round = 0; round < 2000; ++round) {
    const Strings list = random_list(random, round % 2 == 0 ? 3 : 20);
    const FilterSet filters(list);
    std::string asked = random_subject(random);
    if (!valid_literal(asked)) continue;
    const bool expected = list.empty() || std::any_of(list.begin(), list.end(), [&](auto& one) {
                            return subject::matches(one, asked);
                          });
    INFO(asked);
    CHECK(filters.matches(asked) == expected);
  }
  CHECK(FilterSet().all());
  CHECK(FilterSet::one("").all());
  CHECK(FilterSet({"a", ">"}).all());
  const FilterSet broken({"a..b", "a b", std::string("a\0", 2)});
  CHECK_FALSE(broken.all());
  CHECK_FALSE(broken.matches("a"));
  CHECK(broken.size() == 0);
  CHECK(FilterSet({"a", "a", "b.*", "b.*"}).size() == 2);
}

}  // namespace frond::subject
