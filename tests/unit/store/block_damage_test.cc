// Damage that nobody could see at the start: full blocks are not read then.
#include "rig.h"

using namespace frond;
using test::StoreRig;

namespace {

/// A full block of 4 MiB, in which 1 ... 41 are, and the newest one.
struct Full : StoreRig {
  Full() {
    for (std::uint64_t i = 1; i <= 60; ++i) put(i, "s." + std::to_string(i % 9), body(i));
    commit();
    REQUIRE(store->block_count() == 2);
  }
  static std::string body(std::uint64_t sequence) {
    return "<" + std::to_string(sequence) + ">" + std::string(100'000, 'p');
  }
  std::string& block() { return files.files.begin()->second; }
  void flip(std::uint64_t sequence) {
    const std::size_t at = block().find("<" + std::to_string(sequence) + ">");
    REQUIRE(at != std::string::npos);
    block()[at] ^= 8;
  }
  /// What is lost, after the host of the store has dealt with it.
  std::vector<std::uint64_t> drop(std::size_t faults_expected = 1) {
    std::vector<std::uint64_t> damaged;
    const auto faults = store->examine(damaged);
    CHECK(faults.size() == faults_expected);
    for (const store::BlockFault& fault : faults) CHECK(fault.path == files.files.begin()->first);
    for (const std::uint64_t sequence : damaged) store->forget(sequence);
    CHECK_FALSE(store->suspicious());
    return damaged;
  }
};

}  // namespace

TEST_CASE("one damaged message that is read tells of all in its block") {
  Full rig;
  rig.flip(7);
  rig.flip(30);
  CHECK(rig.reopen().empty());
  CHECK_FALSE(rig.store->suspicious());
  CHECK(rig.store->messages() == 60);
  CHECK(rig.payload(8) == Full::body(8));
  CHECK_FALSE(rig.store->suspicious());
  CHECK(rig.payload(30) == "(damaged)");
  CHECK(rig.store->suspicious());
  CHECK(rig.drop() == std::vector<std::uint64_t>{7, 30});
  CHECK(rig.store->messages() == 58);
  CHECK(rig.payload(7) == "(none)");
  CHECK(rig.live().size() == 58);
}

TEST_CASE("the file of a damaged message is kept as it is, and the next start looks again") {
  Full rig;
  rig.flip(7);
  rig.reopen();
  CHECK(rig.payload(7) == "(damaged)");
  CHECK(rig.drop().size() == 1);
  const std::string before = rig.block();
  rig.store->remove_range(1, 41);  // Neither removed nor compacted.
  rig.commit();
  rig.store->request_maintenance();
  rig.commit();
  CHECK(rig.block() == before);
  rig.reopen();
  CHECK(rig.live() == test::span(42, 60));
}

TEST_CASE("bytes that were wrong only once are no damage") {
  Full rig;
  const std::string good = rig.block();
  rig.flip(7);
  rig.reopen();
  CHECK(rig.payload(7) == "(damaged)");
  rig.block() = good;
  CHECK(rig.drop(0).empty());
  CHECK(rig.payload(7) == Full::body(7));
  CHECK(rig.store->messages() == 60);
}

TEST_CASE("damage that a compaction meets is told, too") {
  Full rig;
  rig.flip(40);
  rig.reopen();
  rig.store->remove_range(1, 35);
  rig.commit();
  rig.store->request_maintenance();
  rig.commit();
  REQUIRE(rig.store->suspicious());
  CHECK(rig.drop() == std::vector<std::uint64_t>{40});
  CHECK(rig.live().size() == 24);
  CHECK_FALSE(rig.store->maintenance_due());
}

TEST_CASE("a file that has become shorter is damaged") {
  Full rig;
  rig.reopen();
  rig.block().resize(3'000'000);
  CHECK(rig.payload(39) == "(damaged)");
  CHECK(rig.drop().size() >= 10);
  CHECK(rig.payload(3) == Full::body(3));
  rig.live();
}

TEST_CASE("the block that is appended to ends when damage is found in it") {
  StoreRig rig;
  rig.put_each(1, 5);
  rig.reopen();
  std::string& block = rig.files.files.begin()->second;
  block[block.find("payload-2")] ^= 1;
  CHECK(rig.payload(2) == "(damaged)");
  std::vector<std::uint64_t> damaged;
  CHECK(rig.store->examine(damaged).size() == 1);
  for (const std::uint64_t sequence : damaged) rig.store->forget(sequence);
  rig.put_each(6, 8);
  CHECK(rig.store->block_count() == 2);
  CHECK(rig.reopen().size() == 1);
  CHECK(rig.live() == std::set<std::uint64_t>{1, 3, 4, 5, 6, 7, 8});
}
