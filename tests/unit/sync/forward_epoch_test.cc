// The store is not what it was: messages or the forwarder's memory lost their end, came out of a
// backup, or are gone. Nothing is lost for it, and nothing arrives twice.

#include "base/limits.h"
#include "outbound.h"

namespace frond::sync {
namespace {

const std::string state_file = "streams/ORD/forward.state";
const std::string other_state_file = state_file + ".2";

void lose_state(Outbound& o) {
  o.w.files.files.erase(state_file);
  o.w.files.files.erase(other_state_file);
}

TEST_CASE("a sequence that is used again after a rollback has another id") {
  Outbound o;
  for (const char* payload : {"a", "b", "c"}) {
    o.put(payload);
  }
  o.up(0);
  SECTION("all acknowledged") { o.down(10); }
  SECTION("some in doubt") {
    o.w.lose_acks = 2;
    o.put("x");
    o.put("y");
    o.run(5);
    o.down(10);
  }
  const Payloads before = o.hub();
  o.roll_back(1);
  o.restart();
  CHECK(o.forward->status().queued == 0);
  CHECK(o.forward->status().in_doubt == 0);
  o.put("B");  // At the same time as b: the clock is no help.
  o.put("C");
  o.up(20);
  Payloads all = before;
  all.insert(all.end(), {"B", "C"});
  CHECK(o.hub() == all);
  CHECK(o.forward->status().queued == 0);
}

TEST_CASE("a node that is called otherwise after a restart knows its messages at the hub") {
  Outbound o;
  o.put("a");
  o.up(0);
  o.w.lose_acks = 2;
  o.put("b");
  o.put("c");
  o.run(1);
  o.w.context.node_name = "another";
  o.restart();
  o.put("d");
  o.up(86'400'000);
  CHECK(o.hub() == Payloads{"a", "b", "c", "d"});
  CHECK(o.forward->status().in_doubt == 0);
}

TEST_CASE("messages of earlier opens keep their ids") {
  Outbound o;
  o.put("a");
  o.up(0);
  o.w.lose_acks = 1;
  o.put("b");
  o.run(1);
  o.restart();
  o.put("c");
  o.restart();
  o.w.mute = true;  // No reading: only the id can tell.
  o.w.streams["HUB"].visible = 1;
  o.w.mute = false;
  o.up(100);
  CHECK(o.hub() == Payloads{"a", "b", "c"});
  CHECK(o.forward->status().queued == 0);
}

TEST_CASE("an old copy of the forwarder's memory beside new messages doubles nothing") {
  Outbound o;
  o.put("a");
  SECTION("from before the first contact") {}
  SECTION("from after it") {
    o.up(0);
    o.down(1);
  }
  const auto old = o.w.files.files;
  o.up(2);
  o.put("b");
  o.put("c");
  o.run(3);
  o.down(4);
  o.w.files.files = old;
  o.restart();
  o.put("d");
  CHECK(o.a_day_later() == Payloads{"a", "b", "c", "d"});
}

TEST_CASE("a store from an old backup, while the original went on") {
  Outbound o;
  o.put("a");
  o.up(0);
  o.down(1);
  o.put("b");
  o.restart();
  const auto files = o.w.files.files;
  const auto kept = o.w.stream.kept;
  o.up(2);
  o.put("c");
  o.run(3);
  o.down(4);
  o.w.files.files = files;
  o.w.stream.kept = kept;
  o.w.stream.last = o.w.stream.durable = {2};
  o.restart();
  o.put("C");
  CHECK(o.a_day_later() == Payloads{"a", "b", "c", "C"});
}

TEST_CASE("a memory that is gone is found again at the hub") {
  Outbound o;
  for (const char* payload : {"a", "b", "c"}) {
    o.put(payload);
  }
  o.up(0);
  o.down(1);
  o.put("d");
  HubStream& hub = o.w.streams["HUB"];
  hub.ids.clear();
  SECTION("the file is missing") { lose_state(o); }
  SECTION("both copies are damaged") {
    for (auto& [path, contents] : o.w.files.files) {
      contents.back() ^= 1;
    }
  }
  SECTION("and the hub has removed what was old") {
    lose_state(o);
    for (std::uint64_t i = 0; i < base::forward_window_messages + 100; ++i) {
      o.put("more");
    }
    o.start();
    o.forward->up(at_ms(2));
    o.run_all(2);
    o.down(3);
    lose_state(o);
    hub.ids.clear();
    hub.kept.erase(1);
    hub.kept.erase(2);
    o.put("last");
  }
  o.restart();
  CHECK(o.forward->status().in_doubt == o.w.stream.kept.size());
  o.forward->up(at_ms(10));
  o.run_all(10);
  CHECK(o.forward->status().queued == 0);
  CHECK(hub.last == o.w.stream.kept.size());
}

TEST_CASE("of two copies of the memory one is damaged: what the other does not know is in doubt") {
  Outbound o;
  o.put("a");
  o.up(0);
  o.down(1);
  o.up(2);
  o.put("b");
  o.put("c");
  o.run(3);
  o.w.commit();
  REQUIRE(o.w.files.files.size() == 2);
  SECTION("the first") { o.w.files.files[state_file].back() ^= 1; }
  SECTION("the second") { o.w.files.files[other_state_file].back() ^= 1; }
  SECTION("one is missing") { o.w.files.files.erase(state_file); }
  o.put("d");
  o.w.swallow = 1;
  o.run(4);
  o.w.streams["HUB"].ids.clear();
  o.restart();
  CHECK(o.forward->status().in_doubt > 0);
  CHECK(o.a_day_later() == Payloads{"a", "b", "c", "d"});
}

TEST_CASE("without the right to read, a lost memory is not guessed") {
  Outbound o;
  o.put("a");
  o.up(0);
  o.down(1);
  lose_state(o);
  o.restart();
  o.w.mute = true;
  for (std::int64_t now = 10; now < 120'000; now += 500) {
    o.forward->up(at_ms(10));
    o.run(now);
  }
  CHECK(o.hub() == Payloads{"a"});
  CHECK(o.forward->status().in_doubt == 1);
  CHECK_FALSE(o.forward->status().last_error.empty());
}

TEST_CASE("a stream that begins to be forwarded has lost nothing") {
  Outbound o;
  o.forward.reset();
  o.put("a");
  o.w.mute = true;
  o.forward.emplace(o.w.context, o.w.stream, "streams/ORD", WayStart::enabled);
  CHECK(o.forward->status().in_doubt == 0);
  o.forward->up(at_ms(0));
  for (std::int64_t now = 0; now < 20'000; now += 500) {
    o.run(now);
  }
  CHECK(o.hub() == Payloads{"a"});
}

TEST_CASE("ids of 0.1.0 are known again, but not those of other messages") {
  Outbound o;
  HubStream& hub = o.w.streams["HUB"];
  const std::string id = "NATS/1.0\r\nNats-Msg-Id: phone-7:ORD:5000000:";
  hub.add("ord.1", "a", id + "1\r\n\r\n");
  hub.add("ord.1", "b", id + "2\r\n\r\n");
  hub.ids = {{"phone-7:ORD:5000000:1", 1}, {"phone-7:ORD:5000000:2", 2}};
  o.w.files.files[state_file] =
      R"({"stream_created":5000000,"acked":1,"claimed":1025,"hub_streams":{"HUB":{"created":"",)"
      R"("sequence":1}},"hub_stream":"HUB","hub_sequence":1,"refused":0,"last_error":""})";
  o.put("a");
  SECTION("the same message") {
    o.put("b");
    o.put("c");
    o.restart();
    SECTION("found") { hub.ids.clear(); }
    SECTION("not visible yet") { hub.visible = 1; }
    o.up(0);
    CHECK(o.hub() == Payloads{"a", "b", "c"});
  }
  SECTION("another one") {
    o.put("other");
    o.put("c");
    o.restart();
    o.up(0);
    CHECK(o.hub() == Payloads{"a", "b", "other", "c"});
  }
  CHECK(o.forward->status().queued == 0);
}

TEST_CASE("an id of 0.1.0 that another message has is found where our position stands") {
  Outbound o;
  HubStream& hub = o.w.streams["HUB"];
  hub.add("ord.1", "a", {});
  hub.add("ord.1", "b", "NATS/1.0\r\nNats-Msg-Id: phone-7:ORD:5000000:2\r\n\r\n");
  hub.ids = {{"phone-7:ORD:5000000:2", 2}};
  o.w.files.files[state_file] =
      R"({"stream_created":5000000,"acked":1,"claimed":1025,"hub_streams":{"HUB":{"created":"",)"
      R"("sequence":2}},"hub_stream":"HUB","hub_sequence":2,"refused":0,"last_error":""})";
  o.put("a");
  o.put("other");
  o.restart();
  o.up(0);
  CHECK(o.hub() == Payloads{"a", "b", "other"});
}

TEST_CASE("a message of another copy of the store is not ours, though sequence and time agree") {
  Outbound o;
  o.put("a");
  o.up(0);
  o.w.swallow = 1;
  o.put("b");
  o.run(10);
  o.w.streams["HUB"].add("ord.1", "theirs",
                         "NATS/1.0\r\nNats-Msg-Id: phone-7:ORD:5000000:another1:2:0\r\n\r\n");
  o.run(6'000);
  CHECK(o.hub() == Payloads{"a", "theirs", "b"});
}

TEST_CASE("a sequence given out again while stored times stood still is another message") {
  Outbound o;
  o.put("a");
  o.up(0);
  o.w.swallow = 1;
  o.put("b");
  o.run(10);
  // What a life that was rolled back stored under the sequence, with a clock that was set back.
  const std::string time = std::to_string(o.w.stream.kept.at({2}).time.time_since_epoch().count());
  o.w.streams["HUB"].add(
      "ord.1", "lost",
      "NATS/1.0\r\nNats-Msg-Id: phone-7:ORD:5000000:lostlife:2:" + time + ":1\r\n\r\n");
  o.restart();
  CHECK(o.a_day_later() == Payloads{"a", "lost", "b"});
}

TEST_CASE("what an earlier life may have sent stays in doubt until the hub has told") {
  Outbound o;
  o.put("a");
  o.up(0);
  o.w.lose_acks = 1;
  o.put("b");
  o.run(1);
  o.restart();
  o.w.mute = true;
  o.forward->up(at_ms(10));
  o.run(11);
  o.down(20);
  o.restart();
  CHECK(o.forward->status().in_doubt > 0);
  o.w.mute = false;
  CHECK(o.a_day_later() == Payloads{"a", "b"});
}

TEST_CASE("a hub that calls a new message a duplicate is not believed") {
  Outbound o;
  o.put("a");
  o.up(0);
  std::int64_t now = 1;
  o.w.false_duplicates = 2;
  SECTION("its stream shows that it is not there") {}
  SECTION("its stream may not be read") { o.w.mute = true; }
  o.put("b");
  o.put("c");
  o.run(now);
  CHECK(o.forward->status().last_error.empty() == !o.w.mute);
  for (; now < 60'000; now += 500) {
    o.run(now);
  }
  CHECK(o.forward->status().queued == 0);
  Payloads stored = o.hub();
  std::ranges::sort(stored);
  CHECK(stored == Payloads{"a", "b", "c"});
}

TEST_CASE("a hub that lost its end and went on does not hide what is in doubt") {
  Outbound o;
  for (const char* payload : {"a", "b", "c"}) {
    o.put(payload);
  }
  o.up(0);
  HubStream& hub = o.w.streams["HUB"];
  hub.kept.erase(2);
  hub.kept.erase(3);
  hub.last = 1;
  hub.ids.clear();
  o.w.lose_acks = 1;
  o.put("d");  // At 2, below the position of c.
  o.run(10);
  hub.add("ord.2", "x");
  hub.add("ord.2", "y");
  o.down(20);
  hub.ids.clear();
  SECTION("the same life") {}
  SECTION("another one") { o.restart(); }
  CHECK(o.a_day_later() == Payloads{"a", "d", "x", "y"});
}

TEST_CASE("the state is written again when its commit failed") {
  Outbound o;
  o.restart();
  o.w.files.files.clear();
  o.forward.reset();
  o.start();
  REQUIRE(o.w.lose_commit());
  o.run(10);
  CHECK(o.w.files.files.empty());
  o.run(5'000);
  CHECK(o.w.files.files.contains(state_file));
}

}  // namespace
}  // namespace frond::sync
