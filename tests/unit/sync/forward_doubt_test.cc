// Messages in doubt: acks are lost, hubs sleep, lag behind and forget; what arrived is struck, what
// did not is sent again.

#include "outbound.h"

namespace frond::sync {
namespace {

TEST_CASE("lost acks: what the hub has is struck, the rest is sent, long after its window") {
  Outbound o;
  o.put("a");
  o.up(0);
  o.w.lose_acks = 2;
  o.put("b");
  o.put("c");
  o.run(10);
  CHECK(o.forward->status().in_flight == 2);
  o.put("d");
  o.w.swallow = 1;
  o.run(11);
  o.w.streams["HUB"].ids.clear();
  SECTION("link lost") {
    o.down(20);
    CHECK(o.forward->status().in_doubt == 3);
    o.put("e");
    o.up(86'400'000);
  }
  SECTION("ack timeout") {
    o.run(5'010);
    o.put("e");
    o.run(5'020);
  }
  SECTION("node restarted") {
    o.w.queue.clear();
    o.forward.reset();
    o.w.commit();
    o.put("e");
    o.start();
    CHECK(o.forward->status().in_doubt == 5);  // Within the claim: it cannot know better.
    o.up(86'400'000);
  }
  CHECK(o.hub() == Payloads{"a", "b", "c", "d", "e"});
  CHECK(o.forward->status().queued == 0);
  CHECK(o.forward->status().in_doubt == 0);
  CHECK(o.w.last_create["headers_only"] == true);
  CHECK(o.w.last_create["filter_subject"] == "ord.>");
}

TEST_CASE("a position counts what was read, not what the hub says it has") {
  Outbound o;
  o.put("a");
  o.up(0);
  o.w.lose_acks = 2;
  o.put("b");
  o.run(10);
  o.down(20);
  // The hub has stored b and says so, but its readers do not see it yet; its window still knows it.
  HubStream& hub = o.w.streams["HUB"];
  hub.visible = 1;
  o.up(1'000);
  CHECK(o.hub() == Payloads{"a", "b"});
  o.down(1'010);
  hub.visible = hub.last;
  CHECK(o.a_day_later() == Payloads{"a", "b"});
}

TEST_CASE("an ack that is lost between others leaves its message findable") {
  Outbound o;
  o.put("a");
  o.up(0);
  o.w.lose_acks = 1;
  o.put("b");
  o.put("c");
  o.run(10);
  CHECK(o.forward->status().in_flight == 1);
  o.down(20);
  CHECK(o.a_day_later() == Payloads{"a", "b", "c"});
}

TEST_CASE("a hub that cannot say anything about its stream now has not lost it") {
  Outbound o;
  o.put("a");
  o.up(0);
  o.w.lose_acks = 1;
  o.put("b");
  o.run(10);
  o.down(20);
  HubStream& hub = o.w.streams["HUB"];
  hub.ids.clear();
  hub.info_error =
      R"({"error":{"code":503,"err_code":10008,"description":"JetStream system temporarily unavailable"}})";
  CHECK(o.a_day_later() == Payloads{"a", "b"});
}

TEST_CASE("a hub whose disk failed may have stored what it refused") {
  Outbound o;
  o.put("a");
  o.up(0);
  o.w.refused_are_stored = GENERATE(true, false);
  o.w.refusals = {
      R"({"error":{"code":503,"err_code":10077,"description":"storage commit failed"}})"};
  o.put("b");
  o.run(10);
  CHECK(o.forward->status().in_doubt == 1);
  CHECK(o.forward->status().queued == 1);
  o.put("c");
  SECTION("the link stays") {}
  SECTION("the link is lost") {
    o.down(20);
    o.up(86'400'000);
  }
  o.w.streams["HUB"].ids.clear();
  o.run(86'410'000);
  CHECK(o.hub() == Payloads{"a", "b", "c"});
  CHECK(o.forward->status().queued == 0);
  CHECK(o.forward->status().in_doubt == 0);
}

TEST_CASE("what the hub keeps only the last of is not sent again behind it") {
  Outbound o;
  o.put("a");
  o.up(0);
  HubStream& hub = o.w.streams["HUB"];
  o.w.lose_acks = 3;
  o.put("old", "", "ord.k");
  o.put("new", "", "ord.k");
  o.put("x", "", "ord.x");
  o.run(10);
  hub.ids.clear();
  hub.kept.erase(2);  // As the limit does.
  Payloads expected{"a", "new", "x"};
  SECTION("a limit of one") { hub.per_subject = 1; }
  SECTION("a limit that leaves room") {
    hub.per_subject = 2;
    expected = {"a", "new", "x", "old"};
  }
  SECTION("no limit") { expected = {"a", "new", "x", "old"}; }
  SECTION("found by the next life") {
    hub.per_subject = 1;
    o.restart();
    o.forward->down(at_ms(15));
  }
  o.down(20);
  o.up(86'400'000);
  CHECK(o.hub() == expected);
  CHECK(o.forward->status().queued == 0);
}

TEST_CASE("what was refused for now has no place any more behind a later value") {
  Outbound o;
  o.w.streams["HUB"].per_subject = 1;
  o.put("a");
  o.up(0);
  o.w.refusals = {R"({"error":{"code":429,"err_code":10167,"description":"too many requests"}})"};
  o.put("old", "", "ord.k");
  o.put("new", "", "ord.k");
  o.run(10);
  o.put("b", "", "ord.b");
  o.run(2'000);
  CHECK(o.hub() == Payloads{"a", "new", "b"});
  CHECK(o.forward->status().queued == 0);
}

TEST_CASE("subjects of several kinds are read by as many filters") {
  Outbound o;
  o.w.stream.settings.subjects = {"ord.>", "bill.>"};
  o.w.streams["HUB"].filter = ">";
  o.put("a");
  o.up(0);
  o.w.lose_acks = 1;
  o.put("b", "", "bill.1");
  o.run(10);
  o.down(20);
  o.up(1'000);
  CHECK(o.hub() == Payloads{"a", "b"});
  CHECK(o.w.last_create["filter_subjects"] == wire::Json{"ord.>", "bill.>"});
}

TEST_CASE("without the right to read, doubt ends by the id inside the window, and stays after it") {
  Outbound o;
  o.put("a");
  o.up(0);
  o.w.lose_acks = 1;
  o.put("b");
  o.run(10);
  o.w.mute = true;
  std::int64_t now = 5'010;
  SECTION("inside") {
    for (; now < 60'000; now += 500) {
      o.run(now);
    }
    CHECK(o.forward->status().queued == 0);
  }
  SECTION("inside, but at a hub that was started anew") {
    o.down(6'000);
    o.w.hub = "NOTHER";
    o.up(7'000);
    for (now = 7'500; now < 60'000; now += 500) {
      o.run(now);
    }
    CHECK(o.w.publishes.size() == 2);
    CHECK(o.forward->status().in_doubt == 1);
  }
  SECTION("inside, but the hub sleeps") {
    o.w.asleep = true;
    for (; now < 60'000; now += 500) {
      o.run(now);
    }
    CHECK(o.w.publishes.size() == 2);
    CHECK(o.forward->status().in_doubt == 1);
  }
  SECTION("after") {
    o.down(20);
    now = 200'000;
    o.up(now);
    for (; now < 260'000; now += 500) {
      o.run(now);
    }
    CHECK(o.forward->status().in_doubt == 1);
    CHECK_FALSE(o.forward->status().last_error.empty());
  }
  CHECK(o.hub() == Payloads{"a", "b"});
}

}  // namespace
}  // namespace frond::sync
