// Store and forward against a hub that refuses, forgets and is made again.

#include "base/limits.h"
#include "outbound.h"

namespace frond::sync {
namespace {

TEST_CASE("what was written offline goes up in order, with our id and without conditions") {
  Outbound o;
  o.put("a", "NATS/1.0\r\nNats-Msg-Id: app-1\r\nNats-Expected-Last-Sequence: 4\r\nK: V\r\n\r\n");
  o.put("b");
  o.put("c");
  CHECK(o.forward->status().queued == 3);
  o.up(1000);
  CHECK(o.hub() == Payloads{"a", "b", "c"});
  const std::string& header = o.w.streams["HUB"].kept[1].header;
  const std::string id(wire::header_value(header, "Nats-Msg-Id").value_or(""));
  CHECK(header == "NATS/1.0\r\nK: V\r\nFrond-Msg-Id: app-1\r\nNats-Msg-Id: " + id + "\r\n\r\n");
  const std::string prefix = "phone-7:ORD:5000000:";
  REQUIRE(id.starts_with(prefix));
  const auto parts = forward_id_parse(std::string_view(id).substr(prefix.size()));
  REQUIRE(parts);
  CHECK(parts->epoch.size() == base::forward_epoch_characters);
  CHECK(parts->sequence.value == 1);
  CHECK(parts->time == wall(at_ms(0)));
  const SyncStatus status = o.forward->status();
  CHECK(status.queued == 0);
  CHECK(status.hub_stream == "HUB");
  CHECK(status.hub_sequence.value == 3);
  o.put("d");
  o.run(1001);
  CHECK(o.hub().size() == 4);
}

TEST_CASE("nothing is sent before it is durable, nor before its claim is") {
  Outbound o;
  o.up(0);
  o.put("a");
  o.w.stream.durable = {};
  o.run(1);
  CHECK(o.w.publishes.empty());
  o.w.stream.durable = {1};
  o.tell();
  for (int i = 0; i < 4; ++i) {  // The survey; then the claim waits for a commit.
    o.forward->tick(at_ms(2));
    while (!o.w.queue.empty()) {
      o.w.carry();
    }
  }
  CHECK(o.w.publishes.empty());
  CHECK(o.w.journal.pending());
  o.w.commit();
  o.run(3);
  CHECK(o.hub() == Payloads{"a"});
}

TEST_CASE("a forwarder waits while the link has much to carry, and goes on by itself") {
  Outbound o;
  o.up(0);
  o.put("a");
  o.run(1);
  CHECK(o.hub() == Payloads{"a"});
  o.w.room = false;
  o.put("b");
  o.put("c");
  o.run(2);
  CHECK(o.hub() == Payloads{"a"});
  CHECK(o.forward->next_deadline() > at_ms(2));  // Nothing that would be asked again and again.
  o.w.room = true;
  o.run(3);
  CHECK(o.hub() == Payloads{"a", "b", "c"});
}

TEST_CASE("a refusal that may pass holds everything behind it") {
  Outbound o("ord.>", "1");
  const std::string full =
      R"({"error":{"code":503,"err_code":10077,"description":"maximum messages exceeded"},)"
      R"("stream":"HUB","seq":0})";
  o.up(0);
  o.w.refusals = {full, full};
  o.put("a");
  o.put("b");
  o.run(1);
  CHECK(o.hub().empty());
  CHECK(o.w.publishes.size() == 1);
  CHECK(o.forward->status().last_error == "maximum messages exceeded");
  CHECK(o.forward->status().queued == 2);
  o.run(1'001);
  CHECK(o.hub().empty());
  o.run(3'001);
  CHECK(o.hub() == Payloads{"a", "b"});
  CHECK(o.forward->status().last_error.empty());
}

TEST_CASE("a refusal for good is skipped, counted and told") {
  Outbound o;
  o.up(0);
  std::string why;
  SECTION("by the hub's stream") {
    o.w.refusals = {
        R"({"error":{"code":400,"err_code":10054,"description":"message size exceeds maximum allowed"}})"};
    o.put("a");
    why = "message size exceeds maximum allowed";
  }
  SECTION("by permission") {
    o.w.denied = "ord.secret";
    o.put("a", "", "ord.secret");
    why = "Permissions Violation for Publish to \"ord.secret\"";
  }
  o.put("b");
  o.run(1);
  CHECK(o.hub() == Payloads{"b"});
  CHECK(o.forward->status().refused == 1);
  CHECK(o.forward->status().queued == 0);
  CHECK(o.forward->status().last_error == why);
  CHECK(std::ranges::count(o.w.sent, "$FROND.ADVISORY.SYNC.REFUSED.ORD") == 1);
  CHECK(o.w.stream.kept.size() == 2);
  REQUIRE(o.w.letters().size() == 1);
  CHECK(o.w.letters()[0].ends_with("=a"));
  CHECK(o.w.dead_letters.why("ORD", {1}) == why);
}

TEST_CASE("a message whose bytes are damaged holds those behind it until it is told to be lost") {
  Outbound o;
  for (const char* payload : {"a", "b", "c"}) {
    o.put(payload);
  }
  o.w.stream.rotten = {2};
  o.up(1000);
  CHECK(o.hub() == Payloads{"a"});
  CHECK(o.forward->status().queued == 2);
  CHECK(o.forward->status().last_error == "a stored message cannot be read");
  o.w.stream.drop_rotten();
  o.run(1100);
  o.run(20'000);
  CHECK(o.hub() == Payloads{"a", "c"});
  CHECK(o.forward->status().queued == 0);
  CHECK(o.a_day_later() == Payloads{"a", "c"});
}

TEST_CASE("no stream at the hub: told, tried again, nothing lost") {
  Outbound o;
  o.w.streams.clear();
  o.put("a");
  o.up(0);
  CHECK(o.forward->status().last_error == "no stream at the hub takes ord.1");
  CHECK(o.forward->status().queued == 1);
  o.w.streams["HUB"].filter = "ord.>";
  o.run(1'000);
  CHECK(o.hub() == Payloads{"a"});
}

TEST_CASE("the hub's stream was deleted and made again: its new positions count") {
  Outbound o;
  for (const char* payload : {"a", "b", "c"}) {
    o.put(payload);
  }
  o.up(0);
  o.w.streams["HUB"] = {};
  o.w.streams["HUB"].filter = "ord.>";
  o.w.streams["HUB"].created = "2026-11-24T00:00:00Z";
  o.w.lose_acks = 1;
  o.put("d");  // Stored at 1, below the last acknowledged 3.
  o.run(10);
  o.down(20);
  o.w.streams["HUB"].ids.clear();
  o.up(1'000);
  CHECK(o.hub() == Payloads{"d"});
  CHECK(o.forward->status().queued == 0);
}

TEST_CASE("key-value writes go through the domain's mapped subjects") {
  Outbound o("$KV.cfg.>");
  o.put("v", "", "$KV.cfg.k");
  o.up(0);
  CHECK(o.hub() == Payloads{"v"});
  CHECK(o.w.streams["HUB"].kept[1].subject == "$KV.cfg.k");
}

TEST_CASE("a stream made again under the same name does not inherit a watermark") {
  Outbound o;
  o.put("a");
  o.up(0);
  o.down(10);
  o.forward.reset();
  o.w.stream.created_at = wall(at_ms(99));
  o.w.stream.kept.clear();
  o.w.stream.last = {};
  o.put("new");
  o.start();
  CHECK(o.forward->status().queued == 1);
  o.up(20);
  CHECK(o.hub() == Payloads{"a", "new"});
}

TEST_CASE("of each message it is known what became of it") {
  Outbound o("ord.>", "2");
  o.w.streams["HUB"].add("ord.9", "another's");
  o.up(0);
  o.put("a");
  o.run(1);
  o.w.refusals = {
      R"({"error":{"code":400,"err_code":10054,"description":"message size exceeds maximum allowed"}})"};
  o.put("b");
  o.run(2);
  o.w.swallow = 2;
  for (const char* payload : {"c", "d", "e"}) o.put(payload);
  o.run(3);
  const auto state = [&o](std::uint64_t sequence) {
    const MessageState found = o.forward->message({sequence});
    return std::string(found.state) + " " + std::to_string(found.hub_sequence.value) + " " +
           found.why;
  };
  CHECK(state(1) == "stored 2 ");
  CHECK(state(2) == "refused 0 message size exceeds maximum allowed");
  CHECK(state(3) == "sent 0 ");
  CHECK(state(5) == "queued 0 ");
  CHECK(state(6) == " 0 ");
  o.down(10);
  CHECK(state(3) == "in doubt 0 ");
  o.restart();
  CHECK(state(1) == " 0 ");  // It may have been refused as well.
  CHECK(state(2).starts_with("refused "));
  CHECK(state(3) == "in doubt 0 ");
}

}  // namespace
}  // namespace frond::sync
