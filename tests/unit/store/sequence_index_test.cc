#include "store/sequence_index.h"

#include "support/fake_storage.h"

#include <catch2/catch.hpp>

#include <map>
#include <set>
#include <vector>

using namespace frond;
using store::IndexEntry;
using store::SequenceIndex;

namespace {

IndexEntry at_time(std::int64_t time_ns) {
  IndexEntry entry;
  entry.time_ns = time_ns;
  return entry;
}

/// Every question asked around every sequence of interest, answered by a plain set as well.
void compare(const SequenceIndex& index, const std::set<std::uint64_t>& model,
             const std::set<std::uint64_t>& questions) {
  CHECK(index.count() == model.size());
  for (const std::uint64_t at : questions) {
    INFO("sequence " << at);
    const auto above = model.lower_bound(at);
    CHECK(index.at_or_after(at) == (above == model.end() ? 0 : *above));
    const auto beyond = model.upper_bound(at);
    CHECK(index.at_or_before(at) == (beyond == model.begin() ? 0 : *std::prev(beyond)));
    CHECK(index.count_from(at) ==
          static_cast<std::uint64_t>(std::distance(model.lower_bound(at), model.end())));
    CHECK((index.find(at) != nullptr) == model.contains(at));
  }
}

std::set<std::uint64_t> around(const std::set<std::uint64_t>& sequences) {
  std::set<std::uint64_t> all{0, 1, 63, 64, 255, 256, 257, ~std::uint64_t{0} - 1};
  for (const std::uint64_t at : sequences) all.insert({at - 1, at, at + 1});
  return all;
}

}  // namespace

TEST_CASE("sequence index: neighbours at the edges of words and chunks") {
  SequenceIndex index;
  std::set<std::uint64_t> model;
  compare(index, model, around(model));
  for (const std::uint64_t at : {1, 2, 63, 64, 65, 127, 128, 255, 256, 257, 511, 512, 5000}) {
    index.add(at, {});
    model.insert(at);
    compare(index, model, around(model));
  }
  const std::set<std::uint64_t> questions = around(model);
  for (const std::uint64_t at : {64, 5000, 1, 256, 255, 2, 65, 63, 127, 511, 128, 257, 512}) {
    index.remove(at);
    model.erase(at);
    compare(index, model, questions);
  }
}

TEST_CASE("sequence index: jumps, to the end of all sequences") {
  SequenceIndex index;
  std::set<std::uint64_t> model;
  for (const std::uint64_t at :
       {std::uint64_t{7}, std::uint64_t{1} << 33, (std::uint64_t{1} << 33) + 1,
        ~std::uint64_t{0} - 300, ~std::uint64_t{0} - 1}) {
    index.add(at, {});
    model.insert(at);
    compare(index, model, around(model));
  }
}

TEST_CASE("sequence index: as a set, whatever comes and goes") {
  test::TestEntropy random(GENERATE(1, 2, 3, 4));
  SequenceIndex index;
  std::set<std::uint64_t> model;
  std::uint64_t last = 0;
  std::vector<std::uint64_t> live;
  for (int step = 0; step < 3000; ++step) {
    if (live.empty() || random.below(5) < 3) {
      last += random.below(20) == 0 ? random.below(2000) + 1 : 1;
      index.add(last, at_time(static_cast<std::int64_t>(last * 10)));
      model.insert(last);
      live.push_back(last);
    } else {
      // From the front, as limits do, or anywhere.
      const std::size_t which = random.below(2) == 0 ? 0 : random.below(live.size());
      index.remove(live[which]);
      model.erase(live[which]);
      live.erase(live.begin() + static_cast<std::ptrdiff_t>(which));
    }
    if (step % 100 == 99) {
      std::set<std::uint64_t> questions;
      for (int i = 0; i < 50; ++i) questions.insert(random.below(last + 300));
      compare(index, model, questions);
    }
  }
  for (const std::uint64_t at : model) {
    REQUIRE(index.find(at)->time_ns == static_cast<std::int64_t>(at * 10));
  }
}

TEST_CASE("sequence index: the first message at a time") {
  SequenceIndex index;
  CHECK(index.first_at(0) == 0);
  for (std::uint64_t at = 1; at <= 600; ++at)
    index.add(at, at_time(static_cast<std::int64_t>(at / 2)));
  CHECK(index.first_at(-5) == 1);
  CHECK(index.first_at(0) == 1);
  CHECK(index.first_at(1) == 2);
  CHECK(index.first_at(127) == 254);
  CHECK(index.first_at(128) == 256);
  CHECK(index.first_at(300) == 600);
  CHECK(index.first_at(301) == 0);
  index.remove(254);
  CHECK(index.first_at(127) == 255);
  index.remove(255);
  CHECK(index.first_at(127) == 256);
  index.remove(600);
  CHECK(index.first_at(300) == 0);
}
