// What a store finds after a restart, a crash in the middle of a commit, or damage.
#include "base/limits.h"
#include "store/block_summary.h"
#include "store/checksum.h"
#include "store/record.h"
#include "unit/store/rig.h"

using namespace frond;
using namespace frond::test;

TEST_CASE("recovery: what was committed is there, what was not is not") {
  StoreRig rig(GENERATE(true, false));
  rig.put_each(1, 5);
  rig.store->remove(3);
  rig.commit();
  rig.put(6);
  CHECK(rig.reopen().empty());
  CHECK(rig.live() == std::set<std::uint64_t>{1, 2, 4, 5});
  CHECK(rig.store->last() == 5);
  CHECK(rig.store->durable_last() == 5);
  CHECK(rig.store->last_time() == StoreRig::at(5));
  CHECK_FALSE(rig.store->unsaved());
  rig.put_each(6, 7);
  CHECK(rig.reopen().empty());
  CHECK(rig.live() == std::set<std::uint64_t>{1, 2, 4, 5, 6, 7});
}

TEST_CASE("recovery: a torn end is dropped at every byte and overwritten") {
  StoreRig rig(true);
  rig.put_each(1, 2);
  const std::string before = rig.files.files["b/1.blk"];
  rig.put(3);
  rig.store->remove(1);
  rig.commit();
  const std::string after = rig.files.files["b/1.blk"];
  for (std::size_t size = before.size(); size <= after.size(); ++size) {
    INFO("size " << size);
    rig.files.files["b/1.blk"] = after.substr(0, size);
    CHECK(rig.reopen().empty());
    const bool whole = size == after.size();
    CHECK(rig.live() == (whole ? span(2, 3) : span(1, 2)));
    CHECK(rig.store->last() == (whole ? 3 : 2));
    rig.put_each(rig.store->last() + 1, rig.store->last() + 1, "fresh");
    const std::set<std::uint64_t> live = rig.live();
    CHECK(rig.reopen().empty());
    CHECK(rig.live() == live);
    CHECK(rig.payload(rig.store->last()) == "fresh");
  }
  // The very first write torn inside the header.
  for (std::size_t size = 0; size < 36; ++size) {
    rig.files.files = {{"b/1.blk", after.substr(0, size)}};
    CHECK(rig.reopen().empty());
    CHECK(rig.store->last() == 0);
    rig.put_each(1, 1);
    CHECK(rig.reopen().empty());
    CHECK(rig.live() == span(1, 1));
  }
}

TEST_CASE("recovery: what a later block says was durable is served without its commit record") {
  StoreRig rig(false);
  rig.put_each(1, 3);
  constexpr std::size_t commit_record_bytes = 7;  // Checksum, length, type, last; nothing removed.
  std::string& block = rig.files.files["b/2.blk"];
  block.resize(block.size() - commit_record_bytes);
  const auto faults = rig.reopen();
  CHECK(rig.live() == span(1, 3));
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].reason == "no commit record at its end");
}

TEST_CASE("recovery: what was purged does not come back with a block that can be read again") {
  StoreRig rig(false);
  rig.put_each(1, 3);
  const std::string whole = rig.files.files["b/1.blk"];
  rig.files.files["b/1.blk"] = std::string(whole.size(), 'x');
  CHECK(rig.reopen().size() == 1);
  CHECK(rig.live() == span(2, 3));
  rig.store->remove_range(0, 2);
  rig.commit();
  rig.put_each(4, 5);
  rig.files.files["b/1.blk"] = whole;
  rig.reopen();
  CHECK(rig.live() == span(3, 5));
}

TEST_CASE("recovery: a crash between any two operations of a merge changes nothing") {
  StoreRig rig(GENERATE(true, false));
  if (rig.files.appends()) {
    // A block that was full and is half dead now is compacted.
    const std::string payload(100'000, 'p');
    for (std::uint64_t i = 1; i <= 50; ++i) rig.put(i, "s.x", payload);
    rig.commit();
    for (std::uint64_t i = 1; i <= 30; ++i) rig.store->remove(i);
    rig.commit();
    rig.store->request_maintenance();
  } else {
    rig.put_each(1, 8);
    rig.store->remove(4);
    rig.put(9);
  }
  const std::set<std::uint64_t> live = rig.live();
  const auto before = rig.files.files;
  const auto sealed = rig.journal->seal();
  REQUIRE(sealed);
  REQUIRE(sealed->operations.size() > 1);
  std::set<std::uint64_t> old_live;
  rig.reopen();
  old_live = rig.live();
  for (std::size_t done = 0; done <= sealed->operations.size(); ++done) {
    INFO("operations " << done);
    rig.files.files = before;
    rig.files.apply_part(*sealed, done, 0);
    CHECK(rig.reopen().empty());
    CHECK(rig.live() == (done == 0 ? old_live : live));
    // What the start itself tidies up changes nothing either.
    rig.commit();
    CHECK(rig.reopen().empty());
    CHECK(rig.live() == (done == 0 ? old_live : live));
  }
}

TEST_CASE("recovery: a merged block that is torn gives way to its sources") {
  StoreRig rig(false);
  rig.put_each(1, 8);
  const auto sources = rig.files.files;
  rig.put_each(9, 9);
  const std::string merged = rig.files.files.at("b/1.1.blk");
  const std::string newest = rig.files.files.at("b/9.blk");
  for (std::size_t size = 0; size < merged.size(); ++size) {
    rig.files.files = sources;
    rig.files.files["b/9.blk"] = newest;
    rig.files.files["b/1.1.blk"] = merged.substr(0, size);
    INFO("size " << size);
    CHECK(rig.reopen().empty());
    CHECK(rig.live() == span(1, 9));
    rig.commit();
    CHECK(rig.live() == span(1, 9));
  }
}

TEST_CASE("recovery: damage anywhere in a block costs what it hit, and nobody's sequence twice") {
  StoreRig rig(GENERATE(true, false));
  for (std::uint64_t i = 1; i <= 3; ++i) rig.put(i);
  rig.commit();
  if (rig.files.appends()) {
    // A second block, so that the first is not the newest.
    const std::string large(base::block_bytes_max, 'p');
    rig.put(4, "s.x", large);
    rig.commit();
    rig.put(5, "s.x", large);
    rig.commit();
    rig.put(6);
    rig.commit();
    // Without their summaries, as earlier builds left them: else nobody looks before a read.
    for (auto& [path, file] : rig.files.files) {
      const std::size_t end = file.size() - std::min(file.size(), store::format::summary_end_bytes);
      file.resize(file.size() - store::summary_length(std::string_view(file).substr(end)));
    }
    rig.reopen();
  } else {
    rig.put_each(4, 6);
  }
  REQUIRE(rig.store->block_count() > 1);
  const auto before = rig.files.files;
  const std::size_t end = rig.files.appends() ? 200 : before.at("b/1.blk").size();
  // Where a block has four megabytes not every byte can have its turn.
  for (std::size_t at = 0; at < end; at += rig.files.appends() ? 29 : 1) {
    INFO("byte " << at);
    rig.files.files = before;
    rig.files.files["b/1.blk"][at] ^= 0x10;
    const auto faults = rig.reopen();
    CHECK(faults.size() <= 1);
    const std::set<std::uint64_t> live = rig.live();
    CHECK(live.contains(6));
    // At most the record that was hit; what the header says can be told without it.
    CHECK(live.size() >= (at < 36 ? 6 : 5));
    if (at < 36) CHECK(faults.size() == 1);
    CHECK(rig.store->last() == 6);
    if (live.size() < 6) CHECK(faults.size() == 1);
    rig.put_each(7, 7);
    rig.reopen();
    CHECK(rig.live().contains(7));
    CHECK(rig.files.files.contains("b/1.blk"));
  }
}

TEST_CASE(
    "recovery: records are read without their block's header when it is certain whose it is") {
  StoreRig rig(GENERATE(true, false));
  rig.put_each(1, 3);
  const std::string path = rig.files.appends() ? "b/1.blk" : "b/3.blk";
  const auto whole = rig.files.files;
  SECTION("any bit of the newest block's") {
    for (std::size_t bit = 0; bit < 36 * 8; ++bit) {
      INFO("bit " << bit);
      rig.files.files = whole;
      rig.files.files[path][bit / 8] ^= static_cast<char>(1 << (bit % 8));
      const std::string damaged = rig.files.files[path];
      CHECK(rig.reopen().size() == 1);
      CHECK(rig.live() == span(1, 3));
      CHECK(rig.store->last() == 3);
      rig.put_each(4, 5);
      CHECK(rig.files.files[path] == damaged);
      CHECK(rig.reopen().size() == 1);
      CHECK(rig.live() == span(1, 5));
    }
  }
  SECTION("all that is known otherwise") {
    rig.files.files[path].replace(0, 24, 24, 'x');
    CHECK(rig.reopen().size() == 1);
    CHECK(rig.live() == span(1, 3));
  }
  SECTION("not what nothing vouches for") {
    rig.files.files[path].replace(24, 12, 12, 'x');
    CHECK(rig.reopen().size() == 1);
    CHECK(rig.live() == (rig.files.appends() ? std::set<std::uint64_t>{} : span(1, 2)));
  }
  SECTION("not another incarnation's") {
    rig.incarnation = 78;
    rig.files.files[path][20] ^= 1;
    CHECK(rig.reopen().size() == whole.size());
    CHECK(rig.store->messages() == 0);
    CHECK(rig.store->last() == 0);
  }
}

TEST_CASE("recovery: a bit of the last commit record is not taken for a torn end") {
  StoreRig rig(GENERATE(true, false));
  rig.put_each(1, 3);
  rig.store->remove(2);
  rig.put(4);
  const std::string path = rig.files.appends() ? "b/1.blk" : "b/4.blk";
  std::string record;
  const std::size_t length = store::write_commit(record, 4, {{2, 2}});
  rig.commit();
  const std::string whole = rig.files.files[path];
  REQUIRE(whole.ends_with(record));
  for (std::size_t bit = 0; bit < length * 8; ++bit) {
    INFO("bit " << bit);
    rig.files.files[path] = whole;
    rig.files.files[path][whole.size() - length + bit / 8] ^= static_cast<char>(1 << (bit % 8));
    CHECK(rig.reopen().size() == 1);
    CHECK(rig.live() == std::set<std::uint64_t>{1, 3, 4});
    CHECK(rig.store->last() == 4);
  }
}

TEST_CASE("recovery: where the newest block's end is lost, sequences are skipped") {
  StoreRig rig(false);
  rig.put_each(1, 3);
  rig.files.files["b/3.blk"].resize(20);
  CHECK(rig.reopen().size() == 1);
  CHECK(rig.live() == span(1, 2));
  CHECK(rig.store->last() == 2 + base::sequence_skip_after_damage);
  const std::uint64_t next = rig.store->last() + 1;
  rig.put_each(next, next);
  CHECK(rig.reopen().size() == 1);
  CHECK(rig.store->last() == next);
  CHECK(rig.live() == std::set<std::uint64_t>{1, 2, next});
}

TEST_CASE("recovery: a block of another incarnation is reported, kept and never read") {
  StoreRig old(GENERATE(true, false));
  old.put_each(1, 6);
  const auto left = old.files.files;
  StoreRig rig(old.files.appends());
  rig.incarnation = 78;
  rig.reopen();
  SECTION("found at the start of the new one") {
    rig.files.files = left;
    CHECK(rig.reopen().size() == left.size());
    CHECK(rig.store->messages() == 0);
    CHECK(rig.store->last() == 0);
    rig.put_each(1, 20, "new");
    CHECK(rig.reopen().size() == left.size());
    CHECK(rig.live() == span(1, 20));
    CHECK(rig.payload(1) == "new");
    for (const auto& [path, contents] : left) CHECK(rig.files.files.at(path) == contents);
  }
  SECTION("among its own, before and behind them") {
    rig.put_each(1, 3, "new");
    for (const auto& [path, contents] : left) rig.files.files.emplace(path, contents);
    rig.files.files["b/700.2.blk"] = left.begin()->second;
    store::BlockHeader header{
        .number = 900, .generation = 5, .covers = 950, .base = 5000, .incarnation = 77};
    std::string forged;
    store::write_block_header(forged, header);
    rig.files.files["b/900.5.blk"] = forged;
    CHECK_FALSE(rig.reopen().empty());
    CHECK(rig.live() == span(1, 3));
    CHECK(rig.store->last() == 3);
    rig.put_each(4, 40, "new");
    rig.store->request_maintenance();
    rig.commit();
    rig.reopen();
    CHECK(rig.live() == span(1, 40));
    CHECK(rig.files.files.at("b/900.5.blk") == forged);
  }
}

TEST_CASE("recovery: blocks of version 1 are read and merged into the new version") {
  StoreRig rig(false);
  rig.put_each(1, 8);
  for (auto& [path, contents] : rig.files.files) {
    // The header as version 1 had it: covers in eight bytes, no incarnation.
    const auto header = store::read_block_header(contents);
    std::string old = contents;
    old[3] = '1';
    for (std::size_t i = 0; i < 8; ++i) old[16 + i] = static_cast<char>(header->covers >> (8 * i));
    const std::uint32_t sum = store::crc32c(std::string_view(old).substr(0, 32));
    for (std::size_t i = 0; i < 4; ++i) old[32 + i] = static_cast<char>(sum >> (8 * i));
    contents = old;
  }
  CHECK(rig.reopen().empty());
  CHECK(rig.live() == span(1, 8));
  rig.put_each(9, 9);
  REQUIRE(rig.files.files.contains("b/1.1.blk"));
  CHECK(store::read_block_header(rig.files.files["b/1.1.blk"])->incarnation == rig.incarnation);
  CHECK(rig.reopen().empty());
  CHECK(rig.live() == span(1, 9));
}

TEST_CASE("recovery: with a block of a later version nothing is written") {
  StoreRig rig(GENERATE(true, false));
  rig.put_each(1, 3);
  std::string& block = rig.files.files.begin()->second;
  const std::string version_2 = block;
  block[3] = '3';
  SECTION("only where its checksum vouches for it") {
    rig.reopen();
    CHECK(rig.journal->newer_file().empty());
    CHECK(rig.live() == span(1, 3));
  }
  SECTION("it is named, and all files stay as they are") {
    const std::uint32_t sum = store::crc32c(std::string_view(block).substr(0, 32));
    for (std::size_t i = 0; i < 4; ++i) block[32 + i] = static_cast<char>(sum >> (8 * i));
    const auto kept = rig.files.files;
    rig.reopen();
    CHECK(rig.journal->newer_file() == "b/1.blk");
    rig.put(rig.store->last() + 1);
    CHECK(rig.commit().empty());
    CHECK(rig.files.files == kept);
  }
}

TEST_CASE("recovery: blocks too far apart for one header stay as they are") {
  StoreRig rig(false);
  rig.put_each(1, 7);
  const std::uint64_t far = std::uint64_t{1} << 40;
  std::string block;
  store::write_block_header(block, {.number = far, .covers = far, .base = 7, .incarnation = 77});
  store::write_commit(block, 7, {});
  rig.files.files["b/" + std::to_string(far) + ".blk"] = block;
  CHECK(rig.reopen().empty());
  rig.put_each(8, 60);
  CHECK(rig.reopen().empty());
  CHECK(rig.live() == span(1, 60));
}
