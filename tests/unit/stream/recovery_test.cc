// What fuzz_recovery found, one test each.

#include "rig.h"
#include "store/record.h"

using namespace frond;
using namespace frond::test;

namespace {

constexpr std::string_view config =
    R"({"name":"S","subjects":["a"],"retention":"limits","storage":"file"})";

}  // namespace

TEST_CASE("what was purged stays away when later commits make the purge's block a dead one") {
  Rig rig(false);
  stream::Stream& stream = rig.make(config);
  for (int i = 0; i < 2; ++i) rig.publish(stream, "a", "old");
  rig.publish(stream, "a", "kept");
  rig.commit();
  stream.purge({.filter = {}, .before = StreamSeq{3}, .keep = 0}, rig.now);
  rig.commit();
  for (int i = 0; i < 2; ++i) {
    rig.publish(stream, "a", "new");
    rig.commit();
  }
  CHECK(rig.open().empty());
  CHECK(rig.streams->find("S")->state().messages == 3);
  CHECK(payload_of(*rig.streams->find("S"), 1) == "(none)");
  CHECK(payload_of(*rig.streams->find("S"), 3) == "kept");
}

TEST_CASE("a file whose name is not spelled as a block's is no block") {
  Rig rig;
  stream::Stream& stream = rig.make(config);
  rig.publish(stream, "a", "1");
  rig.commit();
  const std::string name = GENERATE("01.blk", "1.0.blk", "1.01.blk", "+1.blk", "1.blk.blk");
  INFO(name);
  auto file = rig.files.files.extract("streams/S/blocks/1.blk");
  REQUIRE(file);
  file.key() = "streams/S/blocks/" + name;
  rig.files.files.insert(std::move(file));
  CHECK(rig.open().empty());
  CHECK(rig.streams->find("S")->state().messages == 0);
  CHECK_FALSE(rig.streams->find("S")->next_for({}, StreamSeq{1}));
}

TEST_CASE("a stream at the end of all sequences refuses messages and stays") {
  constexpr std::uint64_t last = ~std::uint64_t{0} - 1;
  Rig rig;
  stream::Stream* stream = &rig.make(config);
  rig.publish(*stream, "a", "1");
  // What any client may ask for with STREAM.PURGE {"seq":18446744073709551615}.
  stream->purge({.filter = {}, .before = StreamSeq{last + 1}, .keep = 0}, rig.now);
  for (int i = 0; i < 2; ++i) {
    CHECK(stream->state().last == StreamSeq{last});
    CHECK(rig.publish(*stream, "a", "2").error.err_code == 10077);
    CHECK_FALSE(stream->next_for({}, StreamSeq{1}));
    rig.commit();
    CHECK(rig.open().empty());
    stream = rig.streams->find("S");
  }
  stream->store_at(StreamSeq{last + 1}, wall(rig.now), {"a", {}, {}, "3"}, rig.now);
  CHECK(stream->state().last == StreamSeq{last});
}

TEST_CASE("sequences skipped after damage end where all sequences do") {
  constexpr std::uint64_t near = ~std::uint64_t{0} - 9;
  Rig rig(false);
  stream::Stream* stream = &rig.make(config);
  rig.publish(*stream, "a", "1");
  stream->purge({.filter = {}, .before = StreamSeq{near}, .keep = 0}, rig.now);
  rig.commit();
  rig.publish(*stream, "a", "2");
  rig.commit();
  std::string& newest = std::prev(rig.files.files.find("streams/S/meta.json"))->second;
  newest.resize(newest.size() - 1);
  CHECK(rig.open().size() == 1);
  stream = rig.streams->find("S");
  CHECK(payload_of(*stream, near) == "2");
  CHECK(stream->state().last == StreamSeq{~std::uint64_t{0} - 1});
}

TEST_CASE("a merge goes on behind a damaged block whose neighbours overlap") {
  Rig rig(false);
  stream::Stream* stream = &rig.make(config);
  for (int i = 0; i < 3; ++i) rig.publish(*stream, "a", "old");
  rig.commit();
  rig.files.files["streams/S/blocks/2.blk"] = "no block";
  std::string& overlapping = rig.files.files["streams/S/blocks/3.blk"];
  store::write_block_header(overlapping, {.number = 3, .covers = 3, .base = 1});
  store::write_commit(overlapping, 3, {});
  CHECK(rig.open().size() == 1);
  stream = rig.streams->find("S");
  for (int i = 0; i < 5; ++i) rig.publish(*stream, "a", "new");
  stream->purge({.filter = {}, .before = StreamSeq{6}, .keep = 0}, rig.now);
  for (int i = 0; i < 40; ++i) {
    rig.publish(*stream, "a", "newer");
    rig.commit();
  }
  CHECK(rig.open().size() == 1);
  CHECK(rig.streams->find("S")->state().first == StreamSeq{6});
  CHECK(rig.streams->find("S")->state().messages == 43);
}
