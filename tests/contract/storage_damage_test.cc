// Damaged files: what can be read is served, the file is reported and kept, no sequence that may
// have been used is used again.

#include "unit/stream/rig.h"

#include <catch2/catch.hpp>

using namespace frond;
using namespace frond::test;

namespace {

std::string& only_block(Rig& rig) {
  const auto blocks = rig.files.list("streams/S/blocks/");
  REQUIRE(blocks.size() == 1);
  return rig.files.files[blocks.front().path];
}

/// Ten messages "payload-<n>" of one commit, or of one each.
void fill(Rig& rig, bool commit_each, int count = 10) {
  stream::Stream& s = rig.make(R"({"name":"S","subjects":["s.*"]})");
  for (int i = 1; i <= count; ++i) {
    rig.publish(s, "s." + std::to_string(i), "payload-" + std::to_string(i));
    if (commit_each) {
      rig.commit();
    }
  }
  rig.commit();
}

}  // namespace

TEST_CASE("a rotten record in the middle loses only itself") {
  Rig rig(GENERATE(true, false));
  fill(rig, false);
  std::string& block = only_block(rig);
  block[block.find("payload-4")] ^= 1;
  const std::string kept = block;
  const auto damaged = rig.open();
  REQUIRE(damaged.size() == 1);
  CHECK(damaged.front().path == "streams/S/blocks/1.blk");
  stream::Stream& s = *rig.streams->find("S");
  CHECK(s.state().messages == 9);
  CHECK(s.state().last.value == 10);
  CHECK(payload_of(s, 4) == "(none)");
  CHECK(payload_of(s, 5) == "payload-5");
  CHECK(rig.publish(s, "s.x", "x").sequence.value == 11);
  CHECK(s.purge({}, rig.now) == 10);
  rig.commit();
  CHECK(rig.files.files["streams/S/blocks/1.blk"] == kept);
  rig.open();
  CHECK(rig.streams->find("S")->state().messages == 0);
  CHECK(rig.streams->find("S")->state().last.value == 11);
}

TEST_CASE("a torn end is dropped where the host appends, skipped where it does not") {
  const bool appends = GENERATE(true, false);
  Rig rig(appends);
  fill(rig, false);
  std::string& block = only_block(rig);
  block.resize(block.find("payload-9") + 3);
  const auto damaged = rig.open();
  stream::Stream& s = *rig.streams->find("S");
  if (appends) {
    // No commit record: nobody was told of any of the ten.
    CHECK(damaged.empty());
    CHECK(s.state().messages == 0);
    CHECK(rig.publish(s, "s.x", "x").sequence.value == 1);
  } else {
    REQUIRE(damaged.size() == 1);
    CHECK(s.state().messages == 8);
    CHECK(rig.publish(s, "s.x", "x").sequence.value > 10);
  }
  rig.commit();
  const std::uint64_t last = s.state().last.value;
  rig.open();
  CHECK(rig.streams->find("S")->state().last.value == last);
  CHECK(payload_of(*rig.streams->find("S"), last) == "x");
}

TEST_CASE("an unreadable block between others hides only its own messages") {
  Rig rig(false);
  fill(rig, true, 7);  // Fewer than are merged.
  std::string& block = rig.files.files["streams/S/blocks/5.blk"];
  block = std::string(block.size(), 'x');
  const auto damaged = rig.open();
  REQUIRE(damaged.size() == 1);
  stream::Stream& s = *rig.streams->find("S");
  CHECK(s.state().messages == 6);
  CHECK(s.state().last.value == 7);
  CHECK(rig.publish(s, "s.x", "x").sequence.value == 8);
  // And at the end of the log: its sequences may have been used.
  rig.commit();
  rig.files.files["streams/S/blocks/8.blk"].resize(20);
  CHECK(rig.open().size() == 2);
  CHECK(rig.publish(*rig.streams->find("S"), "s.x", "x").sequence.value > 8);
}

TEST_CASE("a damaged meta.json keeps the stream's files and its name") {
  Rig rig;
  fill(rig, false);
  rig.commit();
  rig.files.files["streams/S/meta.json"] = "{";
  rig.files.files["streams/S/meta.json.2"] = "{";
  const auto kept = rig.files.files;
  REQUIRE(rig.open().size() == 1);
  CHECK(rig.streams->find("S") == nullptr);
  CHECK(rig.create(R"({"name":"S"})").error.err_code == 10049);
  // Where case does not count its folder is not used for another name either.
  rig.make(R"({"name":"s"})");
  rig.commit();
  REQUIRE(rig.open().size() == 1);
  CHECK(rig.streams->find("s") != nullptr);
  for (const auto& [path, contents] : kept) CHECK(rig.files.files.at(path) == contents);
}

TEST_CASE("one copy of a stream's config is enough, whichever bit of the other flips") {
  Rig rig;
  fill(rig, false);
  rig.streams->update(
      "S", stream::parse_stream_config(R"({"name":"S","subjects":["s.*"],"max_msgs":50})").config,
      rig.now);
  rig.commit();
  const auto whole = rig.files.files;
  for (const char* path : {"streams/S/meta.json", "streams/S/meta.json.2"}) {
    const std::size_t bits = whole.at(path).size() * 8;
    for (std::size_t bit = 0; bit < bits; bit += bit < 160 ? 1 : 37) {
      INFO(path << " bit " << bit);
      rig.files.files = whole;
      rig.files.files[path][bit / 8] ^= static_cast<char>(1 << (bit % 8));
      CHECK(rig.open().size() == 1);
      REQUIRE(rig.streams->find("S") != nullptr);
      CHECK(rig.streams->find("S")->config().max_msgs == 50);
      CHECK(rig.streams->find("S")->state().messages > 0);
    }
    rig.files.files = whole;
    rig.files.files.erase(path);
    rig.open();
    REQUIRE(rig.streams->find("S") != nullptr);
    CHECK(rig.streams->find("S")->config().max_msgs == 50);
  }
}

TEST_CASE("a config without checksum, of an earlier build, is read") {
  Rig rig;
  fill(rig, false);
  rig.commit();
  rig.files.files.erase("streams/S/meta.json.2");
  rig.files.files["streams/S/meta.json"].erase(0, 16);
  CHECK(rig.open().empty());
  REQUIRE(rig.streams->find("S") != nullptr);
  CHECK(rig.streams->find("S")->state().messages > 0);
}

TEST_CASE("a store that never rests merges a few blocks at a time") {
  Rig rig(false);
  stream::Stream& s = rig.make(R"({"name":"S","subjects":["s.*"]})");
  std::size_t most_blocks = 0;
  for (int i = 1; i <= 1000; ++i) {
    rig.publish(s, "s.x", "payload-" + std::to_string(i));
    rig.commit();
    most_blocks = std::max(most_blocks, rig.files.list("streams/S/blocks/").size());
  }
  // Seven of each generation wait; eight times eight times eight of them are one of the third.
  CHECK(most_blocks <= 7 * 4 + 2);
  rig.open();
  const stream::StreamState state = rig.streams->find("S")->state();
  CHECK(state.messages == 1000);
  for (std::uint64_t sequence : {1, 8, 9, 64, 65, 512, 513, 1000}) {
    CHECK(payload_of(*rig.streams->find("S"), sequence) == "payload-" + std::to_string(sequence));
  }
}

TEST_CASE("small blocks are merged; removals of messages in older blocks outlive the merge") {
  Rig rig(false);
  stream::Stream* s = &rig.make(R"({"name":"S","subjects":["s.*"]})");
  for (int i = 0; i < 40; ++i) {
    // One that lives on beside one that is removed later, so that the old block stays.
    rig.publish(*s, "s.keep", "k");
    rig.publish(*s, "s.gone", std::string(70'000, 'g'));
    rig.commit();
  }
  for (int i = 0; i < 40; ++i) {
    s->erase({static_cast<std::uint64_t>(2 * i + 2)}, rig.now);
    rig.commit();
  }
  const std::size_t before = rig.files.list("streams/S/blocks/").size();
  for (int i = 0; i < 400; ++i) {
    rig.now += std::chrono::milliseconds(300);
    rig.streams->tick(rig.now);
    rig.commit();
    Rig other(false);
    other.files.files = rig.files.files;
    other.open();
    REQUIRE(other.streams->find("S")->state().messages == 40);
    if (rig.streams->next_deadline() == kNever) {
      break;
    }
  }
  CHECK(rig.files.list("streams/S/blocks/").size() < before / 8);
  for (std::uint64_t sequence = 1; sequence < 80; sequence += 2) {
    CHECK(payload_of(*s, sequence) == "k");
  }
}
