// What fuzz_recovery found, one test each.

#include "rig.h"

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
