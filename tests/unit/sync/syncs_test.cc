// The set of syncs: which subjects it carries, and configs that it holds back.

#include "sync/syncs.h"

#include "support/growth.h"
#include "sync_world.h"

#include <memory>

namespace frond::sync {
namespace {

struct Carried {
  SyncWorld w;
  Syncs syncs{w.context};

  explicit Carried(std::vector<std::string> subjects) {
    w.stream.settings.name = "OUT";
    w.stream.settings.subjects = std::move(subjects);
    w.stream.settings.metadata = {{"frond.forward", "hub"}};
    syncs.stream_created(w.stream, "streams/OUT", at_ms(0));
  }
};

TEST_CASE("what is carried follows the stream's subjects, also when only they change") {
  Carried c({"out.*"});
  CHECK(c.syncs.crossings().publish_stays("out.1"));
  c.w.stream.settings.subjects = {"new.>"};
  c.syncs.stream_updated(c.w.stream, "streams/OUT", at_ms(1));
  CHECK_FALSE(c.syncs.crossings().publish_stays("out.1"));
  CHECK(c.syncs.crossings().publish_stays("new.1"));
  CHECK(c.syncs.crossings().interest_stays("new.>"));
  c.syncs.stream_deleted(c.w.stream);
  CHECK_FALSE(c.syncs.crossings().publish_stays("new.1"));
}

TEST_CASE("whether a subject is carried costs the same however many there are") {
  CHECK(test::growth(
            [](std::size_t size) {
              std::vector<std::string> subjects;
              for (std::size_t i = 0; i < size; ++i) subjects.push_back("s" + std::to_string(i));
              auto c = std::make_shared<Carried>(subjects);
              return [c, subjects] {
                for (const std::string& one : subjects) {
                  CHECK(c->syncs.crossings().publish_stays(one));
                  CHECK(c->syncs.crossings().interest_stays(one));
                }
                CHECK_FALSE(c->syncs.crossings().publish_stays("other"));
              };
            },
            500) < test::growth_max);
}

TEST_CASE("a config that must not be kept is not begun, and the status says why") {
  for (const char* bad : {"a\r\nPING", "a.b", "a b"}) {
    SyncWorld w;
    Syncs syncs(w.context);
    w.stream.settings.name = "OUT";
    w.stream.settings.metadata = {{"frond.forward", bad}};
    syncs.stream_created(w.stream, "streams/OUT", at_ms(0));
    syncs.up(at_ms(1));
    syncs.tick(at_ms(2));
    syncs.down(at_ms(3));
    CHECK(w.sent.empty());
    CHECK(w.inboxes.empty());
    REQUIRE(syncs.status("OUT"));
    CHECK(syncs.status("OUT")->way == "forward");
    CHECK(syncs.status("OUT")->last_error.find("frond.forward") != std::string::npos);
    CHECK_FALSE(syncs.crossings().publish_stays("x"));
    syncs.stream_deleted(w.stream);
  }
}

}  // namespace
}  // namespace frond::sync
