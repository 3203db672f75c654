// A store that goes back to an earlier sequence: what was above is gone for good, and its sequences
// are given to other messages.
#include "base/limits.h"
#include "unit/store/rig.h"

#include <map>

using namespace frond;
using namespace frond::test;

namespace {

/// Sequence and payload of all that lives.
std::map<std::uint64_t, std::string> held(const StoreRig& rig) {
  std::map<std::uint64_t, std::string> all;
  for (const std::uint64_t sequence : rig.live()) all[sequence] = rig.payload(sequence);
  return all;
}

}  // namespace

TEST_CASE("rewind: sequences are given out again, now and after a restart") {
  StoreRig rig(GENERATE(true, false));
  const std::uint64_t back_to = GENERATE(0, 1, 4, 7, 11);
  rig.put_each(1, 6);
  rig.store->remove(2);
  rig.commit();
  rig.put_each(7, 9);
  const bool committed = GENERATE(true, false);
  rig.put(10);
  rig.store->skip_to(12);
  if (committed) rig.commit();
  std::map<std::uint64_t, std::string> expected = held(rig);
  expected.erase(expected.upper_bound(back_to), expected.end());

  REQUIRE(rig.store->rewind(back_to));
  CHECK(held(rig) == expected);
  CHECK(rig.store->last() == back_to);
  CHECK(rig.store->durable_last() <= back_to);
  CHECK(rig.store->last_time() ==
        (expected.empty() ? WallTime{} : StoreRig::at(expected.rbegin()->first)));
  const bool together = GENERATE(true, false);
  if (!together) {
    rig.commit();
    CHECK(rig.reopen().empty());
    CHECK(held(rig) == expected);
    CHECK(rig.store->last() == back_to);
  }
  rig.put(back_to + 2, "s.y", "other");
  expected[back_to + 2] = "other";
  rig.commit();
  CHECK(rig.store->durable_last() == back_to + 2);
  CHECK(held(rig) == expected);
  CHECK(rig.reopen().empty());
  CHECK(held(rig) == expected);
  rig.put_each(back_to + 3, back_to + 40, "other");
  for (std::uint64_t i = back_to + 3; i <= back_to + 40; ++i) expected[i] = "other";
  CHECK(rig.reopen().empty());
  CHECK(held(rig) == expected);
}

TEST_CASE("rewind: a crash between any two operations leaves what was or what is") {
  StoreRig rig(GENERATE(true, false));
  rig.put_each(1, 4);
  // Several blocks, and removals in the one that goes that an older one needs.
  const std::string payload(1'500'000, 'p');
  rig.put_each(5, 9, payload);
  rig.store->remove(1);
  rig.store->remove(6);
  rig.commit();
  const std::map<std::uint64_t, std::string> was = held(rig);
  const auto before = rig.files.files;
  REQUIRE(rig.store->rewind(GENERATE(2, 5, 7)));
  const std::map<std::uint64_t, std::string> back = held(rig);
  const std::uint64_t end = rig.store->last();
  for (std::uint64_t i = end + 1; i < 9; ++i) rig.put(i, "s.x", "other");
  const std::map<std::uint64_t, std::string> is = held(rig);
  const auto sealed = rig.journal->seal();
  REQUIRE(sealed);
  for (std::size_t done = 0; done <= sealed->operations.size(); ++done) {
    INFO("operations " << done << " of " << sealed->operations.size());
    rig.files.files = before;
    rig.files.apply_part(*sealed, done, 0);
    CHECK(rig.reopen().empty());
    const std::map<std::uint64_t, std::string> found = held(rig);
    CHECK((done == 0 ? found == was : found == back || found == is));
    CHECK(rig.store->last() == (found == was ? 9 : found == is ? 8 : end));
    rig.commit();
    CHECK(rig.reopen().empty());
    CHECK(held(rig) == found);
  }
}

TEST_CASE("rewind: a commit in flight that ends later does not bring the end back") {
  StoreRig rig(true);
  rig.put_each(1, 3);
  rig.put(4);
  const auto sealed = rig.journal->seal();
  REQUIRE(sealed);
  REQUIRE(rig.store->rewind(2));
  rig.put(3, "s.x", "other");
  rig.files.apply(*sealed);
  rig.journal->completed(sealed->ticket);
  rig.store->durable(sealed->ticket);
  CHECK(rig.store->durable_last() == 2);
  CHECK(rig.store->ticket_of(3) == rig.store->ticket());
  rig.commit();
  CHECK(rig.store->durable_last() == 3);
  CHECK(rig.reopen().empty());
  CHECK(rig.payload(3) == "other");
  CHECK(rig.live() == span(1, 3));
}

TEST_CASE("rewind: not into or over damage, which is kept") {
  StoreRig rig(false);
  rig.put_each(1, 5);
  rig.files.files["b/4.blk"][50] ^= 1;
  REQUIRE(rig.reopen().size() == 1);
  const auto live = rig.live();
  CHECK_FALSE(rig.store->rewind(2));
  CHECK(rig.live() == live);
  CHECK(rig.store->last() == 5);
  CHECK(rig.store->rewind(4));
  rig.commit();
  CHECK(rig.reopen().size() == 1);
  CHECK(rig.store->last() == 4);
}

TEST_CASE("rewind: a memory store") {
  store::MessageStore store(std::nullopt, 0);
  const auto put = [&](std::uint64_t sequence, std::string_view payload) {
    store.append({.sequence = sequence,
                  .time = StoreRig::at(sequence),
                  .subject = "s.x",
                  .header = {},
                  .payload = payload});
  };
  for (std::uint64_t i = 1; i <= 5; ++i) put(i, "old");
  REQUIRE(store.rewind(3));
  CHECK(store.last() == 3);
  CHECK(store.messages() == 3);
  put(4, "new");
  store::MessageRecord record;
  REQUIRE(store.read(4, record) == store::Read::ok);
  CHECK(record.payload == "new");
  REQUIRE(store.read(3, record) == store::Read::ok);
  CHECK(record.payload == "old");
  REQUIRE(store.rewind(0));
  CHECK(store.messages() == 0);
  CHECK(store.bytes() == 0);
  CHECK(store.subjects() == 0);
  put(1, "again");
  CHECK(store.messages() == 1);
}
