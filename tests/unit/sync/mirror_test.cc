// Mirrors: the receive rules of leafnode-protocol 12.

#include "base/limits.h"
#include "inbound.h"
#include "sync/syncs.h"

namespace frond::sync {
namespace {

TEST_CASE("a mirror keeps sequence, time, subject and headers, without conditions") {
  Copy c;
  c.origin().kept[2].header = "NATS/1.0\r\nNats-Expected-Last-Subject-Sequence: 1\r\nK: V\r\n\r\n";
  c.start();
  c.up(0);
  CHECK(c.copy() == "1m1 2m2 3m3 ");
  CHECK(c.w.stream.kept[{2}].header == "NATS/1.0\r\nK: V\r\n\r\n");
  CHECK(c.w.stream.kept[{2}].time == wall(at_ms(7)));
  CHECK(c.w.stream.kept[{2}].subject == "ord.1");
  CHECK(c.w.stream.origin->lag == 0);
  CHECK(c.w.calls == std::vector<std::string>{"STREAM.INFO.ORD", "CONSUMER.CREATE.ORD"});
  CHECK(c.w.last_create.dump() ==
        "{\"deliver_policy\":\"all\",\"ack_policy\":\"none\",\"ack_wait\":79200000000000,"
        "\"max_deliver\":1,\"replay_policy\":\"instant\",\"idle_heartbeat\":1000000000,"
        "\"flow_control\":true,\"deliver_subject\":\"" +
            c.w.consumer.deliver +
            "\",\"inactive_threshold\":10000000000,\"num_replicas\":0,\"direct\":true}");
}

TEST_CASE("a filtered mirror names its consumer and keeps the gaps") {
  Copy c;
  c.w.stream.settings.mirror->filter_subject = "ord.1";
  c.origin().kept.erase(1);
  c.start();
  c.up(0);
  CHECK(c.copy() == "2m2 3m3 ");
  CHECK(c.w.calls[1].starts_with("CONSUMER.CREATE.ORD.frond-"));
  CHECK(c.w.calls[1].ends_with(".ord.1"));
  CHECK(c.w.last_create["filter_subject"] == "ord.1");
}

TEST_CASE("messages deleted at the origin leave a gap, messages lost on the way do not") {
  Copy c;
  c.start();
  c.up(0);
  SECTION("origin deleted 5") {
    for (const char* payload : {"m4", "m5", "m6"}) {
      c.origin().add("ord.1", payload);
    }
    c.origin().kept.erase(5);
    c.w.deliver();
    c.run(10);
    CHECK(c.copy() == "1m1 2m2 3m3 4m4 6m6 ");
    CHECK(c.w.consumers == 1);
  }
  SECTION("4 was lost before 5") {
    c.origin().add("ord.1", "m4");
    c.origin().add("ord.1", "m5");
    c.w.deliver(4);
    c.run(10);
    CHECK(c.copy() == "1m1 2m2 3m3 4m4 5m5 ");
    CHECK(c.w.consumers == 2);
    CHECK(c.w.last_create["opt_start_seq"] == 1);  // What it has is compared first.
  }
  SECTION("the last was lost: the heartbeat tells") {
    c.origin().add("ord.1", "m4");
    c.w.deliver(4);
    c.w.heartbeat(4);
    c.run(10);
    CHECK(c.copy() == "1m1 2m2 3m3 4m4 ");
    CHECK(c.w.consumers == 2);
  }
}

TEST_CASE("silence for 10 s makes a new consumer, heartbeats do not") {
  Copy c;
  c.start();
  c.up(0);
  c.w.now = at_ms(9'000);
  c.w.heartbeat(3);
  c.w.carry();
  c.run(18'999);
  CHECK(c.w.consumers == 1);
  c.run(19'000);
  c.run(20'000);
  CHECK(c.w.consumers == 2);
}

TEST_CASE("flow control is answered, also when only a heartbeat tells of it") {
  Copy c;
  c.start();
  c.up(0);
  c.w.status("NATS/1.0 100 FlowControl Request\r\n\r\n", "$JS.FC.ORD.C1.x");
  c.w.status(
      "NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: 3\r\n"
      "Nats-Consumer-Stalled: $JS.FC.ORD.C1.y\r\n\r\n");
  c.run(1);
  CHECK(std::ranges::count(c.w.sent, "$JS.FC.ORD.C1.x") == 1);
  CHECK(std::ranges::count(c.w.sent, "$JS.FC.ORD.C1.y") == 1);
}

TEST_CASE("flow control is answered when what came before is safe") {
  Copy c;
  c.start();
  c.up(0);
  c.w.journal.write("block", "m4");
  c.w.stream.unsaved = c.w.journal.open_ticket();
  c.w.status("NATS/1.0 100 FlowControl Request\r\n\r\n", "$JS.FC.ORD.C1.x");
  c.w.carry();
  CHECK(c.w.sent.empty());
  SECTION("written") {
    c.w.commit();
    CHECK(c.w.sent == std::vector<std::string>{"$JS.FC.ORD.C1.x"});
  }
  SECTION("lost") {
    REQUIRE(c.w.lose_commit());
    CHECK(c.w.sent.empty());
  }
}

TEST_CASE("an origin that answers when the link is down is not read") {
  Copy c;
  c.start();
  c.mirror->up(at_ms(0));
  c.mirror->down(at_ms(1));
  CHECK(c.w.inboxes.empty());
  c.run(2);
  CHECK(c.w.calls == std::vector<std::string>{"STREAM.INFO.ORD"});
}

TEST_CASE("what an origin sends ends the row of failures, so that the next pause is short again") {
  Copy c;
  c.start();
  c.up(0);
  c.origin().info_error = R"({"error":{"code":503,"err_code":10008,"description":"no"}})";
  c.w.status("NATS/1.0 409 Consumer Deleted\r\n\r\n");
  std::int64_t now = 0;
  for (; now < 20'000; now += 500) {
    c.run(now);
  }
  CHECK(c.mirror->next_deadline() - at_ms(now) > base::sync_retry_first);
  c.origin().info_error.clear();
  for (; now < 60'000; now += 500) {
    c.run(now);
    if (c.w.consumers == 2) break;
  }
  REQUIRE(c.w.consumers == 2);
  c.w.status("NATS/1.0 409 Consumer Deleted\r\n\r\n");
  c.w.carry();
  CHECK(c.mirror->next_deadline() == at_ms(now) + base::sync_retry_first);
}

TEST_CASE("resume after the link was down, from what is durable") {
  Copy c;
  c.start();
  c.up(0);
  c.mirror->down(at_ms(10));
  CHECK(c.w.inboxes.empty());
  c.origin().add("ord.1", "m4");
  c.w.stream.durable = {2};
  c.up(60'000);
  CHECK(c.w.last_create["opt_start_seq"] == 1);  // Compared up to 2, read from 3.
  CHECK(c.copy() == "1m1 2m2 3m3 4m4 ");
}

TEST_CASE("a reloaded mirror reads again what it has lost") {
  Copy c;
  c.start();
  c.up(0);
  c.w.stream.kept.erase({3});
  c.w.stream.last = c.w.stream.durable = {2};
  for (stream::StreamListener* listener : c.w.stream.listeners) {
    listener->on_reloaded(c.w.stream);
  }
  c.run(1);
  CHECK(c.copy() == "1m1 2m2 3m3 ");
}

TEST_CASE("an origin cannot have the node publish where it likes") {
  Copy c;
  c.start();
  c.up(0);
  c.w.status("NATS/1.0 100 FlowControl Request\r\n\r\n", "$JS.API.STREAM.DELETE.ORD");
  c.w.status(
      "NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: 3\r\n"
      "Nats-Consumer-Stalled: ord.1\r\n\r\n");
  c.run(1);
  CHECK(c.w.sent.empty());
}

TEST_CASE("opt_start_seq, and a full disk") {
  Copy c;
  SECTION("start sequence") {
    c.w.stream.settings.mirror->opt_start_seq = 2;
    c.start();
    c.up(0);
    CHECK(c.copy() == "2m2 3m3 ");
  }
  SECTION("full") {
    c.w.stream.full = true;
    c.start();
    c.up(0);
    CHECK(c.w.stream.origin->error.err_code == 10077);
    c.w.stream.full = false;
    c.run(1'000);
    CHECK(c.copy() == "1m1 2m2 3m3 ");
  }
}

TEST_CASE("the set of syncs knows what it carries") {
  SyncWorld w;
  Syncs syncs(w.context);
  w.stream.settings.name = "OUT";
  w.stream.settings.subjects = {"out.*"};
  w.stream.settings.metadata = {{"frond.forward", "hub"}};
  syncs.stream_created(w.stream, "streams/OUT", at_ms(0));
  CHECK(syncs.crossings().publish_stays("out.1"));
  CHECK_FALSE(syncs.crossings().publish_stays("in.1"));
  CHECK(syncs.crossings().interest_stays("out.*"));
  CHECK_FALSE(syncs.crossings().interest_stays("out.1"));
  REQUIRE(syncs.status("OUT"));
  CHECK(sync_status_json(*syncs.status("OUT"), {{{3}, {"stored", {7}, {}}}}, {}) ==
        R"({"way":"forward","pending":0,"queued":0,"lag":0,"inFlight":0,"inDoubt":0,"refused":0,)"
        R"("hubSequence":0,"messages":[{"seq":3,"state":"stored","hubSequence":7}]})");
  w.stream.settings.metadata.clear();
  syncs.stream_updated(w.stream, "streams/OUT", at_ms(1));
  CHECK_FALSE(syncs.status("OUT"));
  CHECK_FALSE(syncs.crossings().publish_stays("out.1"));
}

}  // namespace
}  // namespace frond::sync
