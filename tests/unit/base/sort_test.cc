#include "base/sort.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace frond::base {
namespace {

using Pair = std::pair<int, std::size_t>;  // What is compared, and where it stood.

bool by_first(const Pair& a, const Pair& b) { return a.first < b.first; }

std::vector<Pair> random_pairs(std::mt19937& random, std::size_t count, int values) {
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < count; ++i) {
    pairs.emplace_back(static_cast<int>(random() % static_cast<unsigned>(values)), i);
  }
  return pairs;
}

}  // namespace

TEST_CASE("sort orders as std::stable_sort does") {
  std::mt19937 random(1);
  for (std::size_t count = 0; count < 200; ++count) {
    std::vector<Pair> pairs = random_pairs(random, count, 1 + static_cast<int>(count / 3));
    std::vector<Pair> expected = pairs;
    std::stable_sort(expected.begin(), expected.end(), by_first);
    sort(pairs, by_first);
    REQUIRE(pairs == expected);
  }
}

TEST_CASE("sort compares at most n log n times, and n times what is in order") {
  std::mt19937 random(2);
  std::size_t compared = 0;
  const auto counting = [&](const Pair& a, const Pair& b) {
    ++compared;
    return a.first < b.first;
  };
  for (const std::size_t count : {1'000U, 4'097U, 100'000U}) {
    std::vector<Pair> pairs = random_pairs(random, count, 1'000'000);
    compared = 0;
    sort(pairs, counting);
    CHECK(compared <= count * (1 + static_cast<std::size_t>(std::bit_width(count))));
    compared = 0;
    sort(pairs, counting);
    CHECK(compared < count);
    std::reverse(pairs.begin(), pairs.end());
    compared = 0;
    sort(pairs, counting);
    CHECK(compared <= count * (1 + static_cast<std::size_t>(std::bit_width(count))));
  }
}

TEST_CASE("sort moves what cannot be copied") {
  std::vector<std::unique_ptr<std::string>> texts;
  for (const char* text : {"c", "a", "b"}) texts.push_back(std::make_unique<std::string>(text));
  sort(texts, [](const auto& a, const auto& b) { return *a < *b; });
  CHECK(*texts[0] == "a");
  CHECK(*texts[1] == "b");
  CHECK(*texts[2] == "c");
}

TEST_CASE("merge_at joins two sorted halves, the left one's equals first") {
  std::mt19937 random(3);
  for (std::size_t count = 0; count < 40; ++count) {
    for (std::size_t middle = 0; middle <= count; ++middle) {
      std::vector<Pair> pairs = random_pairs(random, count, 9);
      const auto at = pairs.begin() + static_cast<std::ptrdiff_t>(middle);
      std::stable_sort(pairs.begin(), at, by_first);
      std::stable_sort(at, pairs.end(), by_first);
      std::vector<Pair> expected = pairs;
      std::stable_sort(expected.begin(), expected.end(), by_first);
      merge_at(pairs, middle, by_first);
      REQUIRE(pairs == expected);
    }
  }
}

}  // namespace frond::base
