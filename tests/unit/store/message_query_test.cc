#include "unit/store/rig.h"

using namespace frond;
using namespace frond::test;
using store::SequenceRange;

TEST_CASE("store: questions by subject, by walking and by lists") {
  StoreRig rig;
  // Rare subjects far apart, so that the short walk gives up between them.
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    rig.put(i, i % 250 == 0 ? "rare.a" : i % 251 == 0 ? "rare.b" : "often.x");
  }
  const auto next = [&](std::vector<std::string> filters, std::uint64_t from) {
    return rig.store->index().next_matching(filters, from);
  };
  CHECK(next({}, 1) == 1);
  CHECK(next({">"}, 1000) == 1000);
  CHECK(next({}, 1001) == 0);
  CHECK(next({"rare.a"}, 1) == 250);
  CHECK(next({"rare.a"}, 250) == 250);
  CHECK(next({"rare.a"}, 251) == 500);
  CHECK(next({"rare.*"}, 251) == 251);
  CHECK(next({"rare.*"}, 252) == 500);
  CHECK(next({"*.b", "rare.a"}, 501) == 502);
  CHECK(next({"rare.>"}, 1000) == 1000);
  CHECK(next({"none.*"}, 1) == 0);
  CHECK(rig.store->index().last_matching("rare.a", 1000) == 1000);
  CHECK(rig.store->index().last_matching("rare.a", 999) == 750);
  CHECK(rig.store->index().last_matching("rare.*", 999) == 753);
  CHECK(rig.store->index().last_matching("rare.*", 753) == 753);
  CHECK(rig.store->index().last_matching("rare.*", 752) == 750);
  CHECK(rig.store->index().last_matching("rare.*", 249) == 0);
  CHECK(rig.store->index().last_matching(">", 5000) == 1000);
  const subject::FilterSet rare_a = subject::FilterSet::one("rare.a");
  CHECK(rig.store->index().count_matching(rare_a, 250) == 4);
  CHECK(rig.store->index().count_matching(rare_a, 251) == 3);
  // A subject that two filters match is counted once.
  const subject::FilterSet both = std::vector<std::string>{"rare.*", "*.a"};
  CHECK(rig.store->index().count_matching(both, 1) == 4 + 3);
  CHECK(rig.store->index().count_matching({}, 1000) == 1);
  REQUIRE(rig.store->index().sequences_of("rare.a") != nullptr);
  CHECK(rig.store->index().sequences_of("rare.a")->size() == 4);
  CHECK(rig.store->index().sequences_of("rare") == nullptr);
}

TEST_CASE("ranges: sorted, joined where they touch or overlap") {
  const auto normal = [](std::vector<SequenceRange> ranges) {
    store::normalize(ranges);
    return ranges;
  };
  CHECK(normal({}).empty());
  CHECK(normal({{5, 6}, {1, 2}}) == std::vector<SequenceRange>{{1, 2}, {5, 6}});
  CHECK(normal({{1, 2}, {3, 4}}) == std::vector<SequenceRange>{{1, 4}});
  CHECK(normal({{1, 2}, {4, 4}}) == std::vector<SequenceRange>{{1, 2}, {4, 4}});
  CHECK(normal({{1, 9}, {2, 3}, {9, 12}}) == std::vector<SequenceRange>{{1, 12}});
}
