// What the hub is asked and how its answers are read, when they are wrong as well.

#include "sync/forward/doubt_settler.h"

#include "base/limits.h"
#include "sync_world.h"

#include <optional>
#include <string>
#include <vector>

namespace frond::sync {
namespace {

struct Settling final : DoubtSettlerUser {
  SyncWorld w;
  DoubtSettler settler{w.context, *this};
  DoubtSettler::Plan plan{.api = "$JS.hub.API",
                          .subjects = {"ord.>"},
                          .positions = {},
                          .since = std::nullopt,
                          .id_prefix = "me:"};
  std::vector<std::string> found;
  std::optional<std::map<std::string, HubPosition>> read;
  std::string failed;

  Settling() { w.streams["HUB"].filter = "ord.>"; }
  void on_found(HubPlace place, const RemoteMessage&) override {
    found.push_back(place.stream + std::to_string(place.sequence.value) + "=" + place.id);
  }
  void on_settled(std::map<std::string, HubPosition> positions, const Survey&, Instant) override {
    read = std::move(positions);
  }
  void on_settle_failed(const std::string& why, Instant) override { failed = why; }

  HubStream& hub() { return w.streams["HUB"]; }
  void add(const std::string& id) {
    hub().add("ord.1", "x", id.empty() ? "" : "NATS/1.0\r\nNats-Msg-Id: " + id + "\r\n\r\n");
  }
  void run(std::int64_t ms = 0) {
    settler.start(plan, at_ms(ms));
    w.run(settler, ms);
  }
};

TEST_CASE("settling reports ids with our prefix behind the known position, and where it came to") {
  Settling s;
  for (const char* id : {"me:1", "me:2", "other:3", "me:4", ""}) {
    s.add(id);
  }
  s.plan.positions["HUB"] = {.created = s.hub().created, .sequence = {1}, .id = "1", .time = 0};
  s.run();
  CHECK(s.found == std::vector<std::string>{"HUB1=1", "HUB2=2", "HUB4=4"});
  REQUIRE(s.read);
  CHECK(s.read->at("HUB").sequence.value == 5);
  CHECK(s.read->at("HUB").id.empty());
  CHECK(s.read->at("HUB").time == 7'000'000);
  CHECK(s.failed.empty());
  CHECK_FALSE(s.settler.running());
  CHECK(s.w.inboxes.empty());
}

TEST_CASE("a position that means nothing any more is not read on from") {
  Settling s;
  s.add("me:1");
  s.add("me:2");
  HubPosition& position = s.plan.positions["HUB"];
  SECTION("made again") { position = {.created = "before", .sequence = {2}, .id = {}, .time = 0}; }
  SECTION("lost its end") { position = {.created = {}, .sequence = {9}, .id = {}, .time = 0}; }
  SECTION("another message stands there") {
    position = {.created = {}, .sequence = {2}, .id = "7", .time = 0};
  }
  SECTION("one of another time stands there") {
    position = {.created = {}, .sequence = {2}, .id = {}, .time = 6};
  }
  s.run();
  CHECK(s.found == std::vector<std::string>{"HUB1=1", "HUB2=2"});
  CHECK(s.read);
}

TEST_CASE("our own message at our position is where reading goes on") {
  Settling s;
  s.add("me:1");
  s.add("me:2");
  s.add("me:3");
  s.plan.positions["HUB"] = {.created = {}, .sequence = {2}, .id = "2", .time = 0};
  s.run();
  CHECK(s.found == std::vector<std::string>{"HUB2=2", "HUB3=3"});
  CHECK(s.w.consumers == 1);
}

TEST_CASE("settling ends where the hub ended when it was asked, not where it is by now") {
  Settling s;
  for (const char* id : {"me:1", "me:2", "me:3", "me:4"}) {
    s.add(id);
  }
  s.hub().info_error = R"({"created":"2026-11-23T20:00:00Z","state":{"last_seq":2}})";
  s.run();
  REQUIRE(s.read);
  CHECK(s.read->at("HUB").sequence.value == 2);
  CHECK(s.found.size() == 2);
}

TEST_CASE("a settling that was broken off leaves nothing to the next") {
  Settling s;
  s.add("me:1");
  s.add("me:2");
  s.settler.start(s.plan, at_ms(0));
  while (s.found.empty()) {
    s.w.carry();
  }
  s.settler.cancel();
  s.w.queue.clear();
  s.w.streams.clear();
  s.w.streams["NEW"].filter = "ord.>";
  s.run(1);
  REQUIRE(s.read);
  CHECK(s.read->contains("NEW"));
  CHECK_FALSE(s.read->contains("HUB"));
}

TEST_CASE("what the hub has removed at our position says nothing") {
  Settling s;
  s.add("me:1");
  s.add("me:2");
  s.add("me:3");
  s.hub().kept.erase(2);
  s.plan.positions["HUB"] = {.created = {}, .sequence = {2}, .id = "2", .time = 0};
  s.run();
  CHECK(s.found == std::vector<std::string>{"HUB3=3"});
}

TEST_CASE("all streams are read, also those that are only known by their position") {
  Settling s;
  s.add("me:1");
  s.w.streams["OLD"].add("ord.1", "x", "NATS/1.0\r\nNats-Msg-Id: me:9\r\n\r\n");
  s.w.names_answers = {R"({"streams":["HUB"],"total":1})"};
  s.plan.positions["OLD"] = {};
  s.plan.positions["GONE"] = {};
  s.run();
  CHECK(s.found.size() == 2);
  REQUIRE(s.read);
  CHECK(s.read->size() == 2);
  CHECK_FALSE(s.read->contains("GONE"));
}

TEST_CASE("a time bounds what is read where no position is known") {
  Settling s;
  s.add("me:1");
  s.plan.since = wall(at_ms(1000));
  s.run();
  CHECK(s.w.last_create["deliver_policy"] == "by_start_time");
  s.plan.positions["HUB"] = {.created = {}, .sequence = {1}, .id = {}, .time = 0};
  s.add("me:2");
  s.run(1);
  CHECK(s.w.last_create["opt_start_seq"] == 2);
}

TEST_CASE("a hub that does not answer settles nothing") {
  Settling s;
  s.add("me:1");
  s.w.mute = true;
  s.run();
  s.w.run(s.settler, 2'000);
  CHECK_FALSE(s.read);
  CHECK_FALSE(s.failed.empty());
  CHECK(s.w.inboxes.empty());
}

// --- The survey ------------------------------------------------------------------------------

struct Asking {
  SyncWorld w;
  HubSurvey survey{w.context};
  std::optional<Survey> result;

  void run(std::set<std::string> known = {}) {
    survey.start(
        "$JS.hub.API", {"ord.>"}, std::move(known),
        [this](const Survey& found, Instant) { result = found; }, at_ms(0));
    w.run(survey, 0);
    REQUIRE(result);
  }
  bool asked(const std::string& call) const { return std::ranges::count(w.calls, call) > 0; }
};

TEST_CASE("a survey turns the pages of the hub's list") {
  Asking a;
  a.w.streams["A"].last = 3;
  a.w.streams["B"];
  a.w.names_answers = {R"({"total":2,"offset":0,"limit":1,"streams":["A"]})",
                       R"({"total":2,"offset":1,"limit":1,"streams":["B"]})"};
  a.run();
  CHECK(a.result->answered);
  REQUIRE(a.result->streams.size() == 2);
  CHECK(a.result->streams[0].last.value == 3);
  CHECK(a.w.bodies[1].find("\"offset\":1") != std::string::npos);
}

TEST_CASE("a survey begins the list of each subject at its beginning") {
  Asking a;
  a.w.streams["A"];
  a.w.streams["B"];
  a.w.names_answers = {R"({"total":2,"streams":["A"]})", R"({"total":2,"streams":["B"]})",
                       R"({"total":1,"streams":["A"]})"};
  a.survey.start(
      "$JS.hub.API", {"ord.>", "inv.>"}, {},
      [&a](const Survey& found, Instant) { a.result = found; }, at_ms(0));
  a.w.run(a.survey, 0);
  REQUIRE(a.result);
  REQUIRE(a.w.bodies.size() >= 3);
  CHECK(a.w.bodies[0] == R"({"subject":"inv.\u003e"})");
  CHECK(a.w.bodies[2] == R"({"subject":"ord.\u003e"})");
}

TEST_CASE("a list without end, and one of too many, is a refusal") {
  Asking a;
  SECTION("without end") { a.w.names_answers = {R"({"total":99999999,"streams":["A"]})"}; }
  SECTION("too many") {
    std::string list = "\"S\"";
    for (int i = 0; i < 2000; ++i) {
      list += ",\"S" + std::to_string(i) + "\"";
    }
    a.w.names_answers = {"{\"total\":2001,\"streams\":[" + list + "]}"};
  }
  a.run();
  CHECK(a.result->refused);
  CHECK(a.result->streams.empty());
  CHECK(a.w.calls.size() < 10);
}

TEST_CASE("what cannot be the name of a stream is none") {
  Asking a;
  a.w.streams["GOOD"];
  a.w.names_answers = {
      "{\"streams\":[\"GOOD\",\"A\\r\\nPUB x 0\\r\\n\",\"a.b\",\"*\",\">\",\"\","
      "\"a b\",7,null,\"" +
      std::string(1'000'000, 'x') + "\"]}"};
  a.run();
  CHECK(a.result->streams.size() == 1);
  CHECK(a.w.calls.size() == 2);
}

TEST_CASE("a stream that is gone is not in the survey, one that does not answer is") {
  Asking a;
  a.w.streams["A"].info_error = R"({"error":{"code":503,"err_code":10008,"description":"no"}})";
  a.w.names_answers = {R"({"streams":["A"]})"};
  a.run({"GONE"});
  REQUIRE(a.result->streams.size() == 1);
  CHECK(a.result->streams[0].name == "A");
  CHECK_FALSE(a.result->streams[0].answered);
  CHECK(a.asked("STREAM.INFO.GONE"));
}

// --- The reader ------------------------------------------------------------------------------

struct Reading final : RemoteReaderUser {
  SyncWorld w;
  RemoteReader reader{w.context, *this};
  std::vector<std::uint64_t> got;
  int errors = 0;
  StreamSeq from{1};

  ReadStart read_from() override { return {.sequence = from, .time = std::nullopt}; }
  void on_reading(StreamSeq, std::uint64_t, Instant) override {}
  void on_remote(const RemoteMessage& message, Instant) override {
    got.push_back(message.sequence.value);
    from = message.sequence.next();
  }
  void on_heartbeat(Instant) override {}
  void on_read_error(const stream::ApiError&, Instant) override { ++errors; }
  void on_flow_control(std::string_view reply, Instant) override {
    reader.answer_flow_control(reply);
  }

  Reading() {
    w.streams["ORD"].add("ord.1", "one");
    reader.start({.api = "$JS.hub.API", .stream = "ORD", .filters = {}}, at_ms(0));
    w.run(reader, 0);
  }
  void deliver(const std::string& ack) {
    w.queue.push_back({w.consumer.deliver, "ord.1", ack, {}, "x"});
    w.run(reader, 1);
  }
};

TEST_CASE("only what is a subject of flow control is answered to an origin") {
  Reading r;
  r.w.sent.clear();
  for (const char* bad : {"$JS.API.STREAM.DELETE.S", "$JS.FC.", "$JS.FC.a\r\nPING", "$JS.FC.*",
                          "$JS.ACK.S.c.1.1.1.1.0", "", "$JS.FC.a..b"}) {
    r.reader.answer_flow_control(bad);
  }
  CHECK(r.w.sent.empty());
  r.reader.answer_flow_control("$JS.FC.S.c.x");
  CHECK(r.w.sent == std::vector<std::string>{"$JS.FC.S.c.x"});
}

TEST_CASE("a reader takes what is next and of its own consumer, whatever else comes") {
  Reading r;
  CHECK(r.got == std::vector<std::uint64_t>{1});
  r.deliver("$JS.ACK.ORD.OTHER.1.2.2.7000000.0");
  r.deliver("$JS.ACK.ORD.C1.2.2.2.7000000.0");  // A redelivery.
  r.deliver("$JS.ACK.ORD.C1.1.0.2.7000000.0");
  r.deliver("$JS.ACK.ORD.C1.1.18446744073709551615.2.7000000.0");
  r.deliver("$JS.ACK.ORD.C1.1.2.2.18446744073709551615.0");
  r.deliver("$JS.ACK.ORD.C1.1.99999999999999999999.2.7000000.0");
  r.deliver("ord.reply");
  r.deliver({});
  CHECK(r.got.size() == 1);
  CHECK(r.w.consumers == 1);
  r.deliver("$JS.ACK.ORD.C1.1.7.2.7000000.0");
  CHECK(r.got == std::vector<std::uint64_t>{1, 7});
  CHECK(r.errors == 0);
  r.deliver("$JS.ACK.ORD.C1.1.3.3.7000000.0");  // The stream has gone back.
  CHECK(r.got.size() == 2);
  CHECK(r.errors == 1);
  CHECK_FALSE(r.reader.running());
}

TEST_CASE("a reader that loses message after message gives up for a while") {
  Reading r;
  for (int i = 0; i < 10; ++i) {
    r.deliver("$JS.ACK.ORD." + r.w.consumer.name + ".1.9.5.7000000.0");
  }
  CHECK(r.errors == 1);
  CHECK_FALSE(r.reader.running());
  CHECK(r.w.consumers <= 6);
  CHECK(r.w.inboxes.empty());
}

}  // namespace
}  // namespace frond::sync
