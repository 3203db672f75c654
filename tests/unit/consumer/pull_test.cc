#include "bench.h"

#include <catch2/catch.hpp>

using namespace frond;
using namespace frond::bench;
using namespace std::chrono_literals;

namespace {
std::string ns(Instant time) { return std::to_string(time.time_since_epoch().count()); }
std::string status(const std::string& line) { return "NATS/1.0 " + line + "\r\n\r\n"; }
std::string pending(const std::string& line, int messages, int bytes) {
  return "NATS/1.0 " + line + "\r\nNats-Pending-Messages: " + std::to_string(messages) +
         "\r\nNats-Pending-Bytes: " + std::to_string(bytes) + "\r\n\r\n";
}
}  // namespace

TEST_CASE("a pull gets its batch, each message with an ack subject that counts") {
  Bench b;
  b.stream.put("a.x", "one");
  b.stream.put("a.y", "two");
  b.stream.put("a.z", "three");
  b.make(Bench::pull());
  b.ask("2");
  const auto sent = b.outlet.take();
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].target == "r");
  CHECK(sent[0].subject == "a.x");
  CHECK(sent[0].payload == "one");
  CHECK(sent[0].reply == "$JS.ACK.S.c.1.1.1." + ns(start) + ".2");
  CHECK(sent[1].reply == "$JS.ACK.S.c.1.2.2." + ns(start) + ".1");
  const auto info = b.consumer->info(b.now);
  CHECK(info.pending == 1);
  CHECK(info.ack_pending == 2);
  CHECK(info.waiting == 0);
  CHECK(info.delivered_stream == StreamSeq{2});
}

TEST_CASE("an unsaved message is not delivered before it is durable") {
  Bench b;
  b.make(Bench::pull());
  b.ask("");
  b.stream.put("a.x", "one");
  b.stream.durable = 0;
  b.tell_messages();
  b.pump();
  CHECK(b.outlet.take().empty());
  CHECK(b.consumer->info(b.now).pending == 0);
  b.stream.durable = 1;
  b.tell_messages();
  b.pump();
  CHECK(b.outlet.take("r").size() == 1);
}

TEST_CASE("requests without waiting") {
  Bench b;
  b.make(Bench::pull());
  SECTION("nothing there: 404 at once") {
    b.ask(R"({"batch":5,"no_wait":true})");
    CHECK(b.outlet.take().at(0).header == status("404 No Messages"));
    CHECK(b.consumer->info(b.now).waiting == 0);
  }
  SECTION("less there than asked: what there is, then 404") {
    b.stream.put("a.x", "one");
    b.tell_messages();
    b.ask(R"({"batch":5,"no_wait":true})");
    const auto sent = b.outlet.take();
    REQUIRE(sent.size() == 2);
    CHECK(sent[0].payload == "one");
    CHECK(sent[1].header == status("404 No Messages"));
  }
  SECTION("with expires: waits for the first, then ends") {
    b.ask(R"({"batch":5,"no_wait":true,"expires":5000000000})");
    CHECK(b.outlet.take().empty());
    b.stream.put("a.x", "one");
    b.tell_messages();
    b.pump();
    const auto sent = b.outlet.take();
    REQUIRE(sent.size() == 2);
    CHECK(sent[1].header == status("404 No Messages"));
  }
  SECTION("others wait already for what is there") {
    auto config = Bench::pull();
    config.max_ack_pending = 1;
    b.make(config);
    b.stream.put("a.x", "one");
    b.stream.put("a.y", "two");
    b.tell_messages();
    b.ask("5", "first");
    b.outlet.take();
    b.ask(R"({"batch":1,"no_wait":true})", "second");
    CHECK(b.outlet.take().at(0).header == status("408 Requests Pending"));
  }
}

TEST_CASE("expiry, with what the request is still owed") {
  Bench b;
  b.make(Bench::pull());
  b.stream.put("a.x", "one");
  b.ask(R"({"batch":3,"expires":5000000000,"max_bytes":1000})");
  CHECK(b.outlet.take().size() == 1);
  CHECK(b.consumer->due() <= b.now + 5s);
  b.later(5s);
  const std::size_t used = 3 + 3 + b.consumer->name().size() +
                           std::string("$JS.ACK.S..1.1.1.").size() + ns(start).size() + 2;
  CHECK(b.outlet.take().at(0).header ==
        pending("408 Request Timeout", 2, 1000 - static_cast<int>(used)));
}

TEST_CASE("heartbeats of a waiting pull") {
  Bench b;
  b.make(Bench::pull());
  b.ask(R"({"batch":3,"expires":5000000000,"idle_heartbeat":1000000000})");
  b.later(1s);
  CHECK(b.outlet.take().at(0).header ==
        "NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: 0\r\nNats-Last-Stream: 0\r\n\r\n");
  b.ask(R"({"batch":3,"expires":5000000000,"idle_heartbeat":3000000000})");
  CHECK(b.outlet.take().at(0).header == status("400 Bad Request - heartbeat value too large"));
}

TEST_CASE("max_bytes: too small for the next message, or a rest left when the batch is done") {
  Bench b;
  b.make(Bench::pull());
  b.stream.put("a.x", std::string(500, 'x'));
  b.ask(R"({"batch":3,"expires":5000000000,"max_bytes":100})");
  CHECK(b.outlet.take().at(0).header == pending("409 Message Size Exceeds MaxBytes", 3, 100));
  b.ask(R"({"batch":1,"expires":5000000000,"max_bytes":10000})");
  const auto sent = b.outlet.take();
  REQUIRE(sent.size() == 2);
  CHECK(sent[1].header.starts_with("NATS/1.0 409 Batch Completed\r\nNats-Pending-Messages: 0\r\n"));
}

TEST_CASE("caps of the consumer on its requests") {
  Bench b;
  auto config = Bench::pull();
  config.max_batch = 10;
  config.max_expires = 30s;
  config.max_bytes = 1024;
  config.max_waiting = 1;
  b.make(config);
  b.ask("11");
  CHECK(b.outlet.take().at(0).header == status("409 Exceeded MaxRequestBatch of 10"));
  b.ask(R"({"batch":1,"expires":60000000000})");
  CHECK(b.outlet.take().at(0).header == status("409 Exceeded MaxRequestExpires of 30s"));
  b.ask(R"({"batch":1,"max_bytes":2000})");
  CHECK(b.outlet.take().at(0).header == status("409 Exceeded MaxRequestMaxBytes of 1024"));
  b.ask("1", "first");
  b.ask("1", "second");
  CHECK(b.outlet.take("second").at(0).header == status("409 Exceeded MaxWaiting"));
  b.ask(R"({"batch":1,"expires":10000000000,"idle_heartbeat":1000000000})", "third");
  CHECK(b.outlet.take().empty());
  b.ask(R"({"batch":"x"})");
  CHECK(b.outlet.take().at(0).header.starts_with("NATS/1.0 400 Bad Request - json: cannot"));
  b.ask(R"({"batch":1,"min_pending":5})");
  CHECK(b.outlet.take().at(0).header ==
        status("400 Bad Request - Not a Overflow Priority consumer"));
  b.ask(R"({"batch":1,"priority":10})");
  CHECK(b.outlet.take().at(0).header ==
        status("400 Bad Request - Priority must be between 0 and 9"));
}

TEST_CASE("a request dies with its interest and takes no message with it") {
  Bench b;
  b.outlet.interests = {"alive"};
  b.make(Bench::pull());
  b.ask("", "gone");
  b.ask("", "alive");
  b.stream.put("a.x", "one");
  b.tell_messages();
  b.pump();
  const auto sent = b.outlet.take();
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].target == "alive");
  CHECK(b.consumer->info(b.now).ack_pending == 1);
}

TEST_CASE("a request outlives its reader's reconnect when nothing happens meanwhile") {
  Bench b;
  b.outlet.interests = {"r"};
  b.make(Bench::pull());
  b.stream.put("a.x", "one");
  b.ask("2");
  const auto first = b.outlet.take("r");
  REQUIRE(first.size() == 1);
  b.ack(first[0].reply);
  b.outlet.interests = {};
  b.later(2s);  // The state file is written in this time.
  b.outlet.interests = {"r"};
  b.stream.put("a.x", "two");
  b.tell_messages();
  b.pump();
  CHECK(b.outlet.take("r").size() == 1);
}

TEST_CASE("waiting requests are told of the end") {
  Bench b;
  b.make(Bench::pull());
  b.ask(R"({"batch":3,"expires":5000000000})");
  SECTION("deleted") {
    b.consumer->close("409 Consumer Deleted");
    CHECK(b.outlet.take().at(0).header == status("409 Consumer Deleted"));
    CHECK(b.consumer->closed());
  }
  SECTION("shutdown") {
    b.consumer->end_pulls_shutdown();
    CHECK(b.outlet.take().at(0).header == pending("409 Server Shutdown", 3, 0));
  }
}

TEST_CASE("headers only: the size in place of the payload") {
  Bench b;
  auto config = Bench::pull();
  config.headers_only = true;
  b.make(config);
  b.stream.put("a.x", "12345");
  b.stream.put("a.x", "12", start, "NATS/1.0\r\nK: v\r\n\r\n");
  b.ask("2");
  const auto sent = b.outlet.take();
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].header == "NATS/1.0\r\nNats-Msg-Size: 5\r\n\r\n");
  CHECK(sent[0].payload.empty());
  CHECK(sent[1].header == "NATS/1.0\r\nK: v\r\nNats-Msg-Size: 2\r\n\r\n");
}

TEST_CASE("two readers share what comes, in turn") {
  Bench b;
  b.make(Bench::pull());
  b.ask("2", "one");
  b.ask("2", "two");
  for (int i = 0; i < 4; ++i) {
    b.stream.put("a.x", std::to_string(i));
  }
  b.tell_messages();
  b.pump();
  const auto sent = b.outlet.take();
  REQUIRE(sent.size() == 4);
  CHECK(sent[0].target == "one");
  CHECK(sent[1].target == "two");
  CHECK(sent[2].target == "one");
  CHECK(sent[3].target == "two");
}

TEST_CASE("max_ack_pending stalls, an ack goes on") {
  Bench b;
  auto config = Bench::pull();
  config.max_ack_pending = 2;
  b.make(config);
  for (int i = 0; i < 3; ++i) {
    b.stream.put("a.x", std::to_string(i));
  }
  b.ask("10");
  const auto sent = b.outlet.take();
  CHECK(sent.size() == 2);
  b.ack(sent[0].reply);
  CHECK(b.outlet.take("r").size() == 1);
}

TEST_CASE("an ephemeral that nobody asks goes after its threshold, pulls and acks keep it") {
  Bench b;
  auto config = Bench::pull();
  config.durable.clear();
  b.make(config);
  CHECK(b.consumer->config().inactive_threshold == 5s);
  b.later(4s);
  CHECK(b.alive);
  b.ask(R"({"batch":1,"expires":20000000000})");
  b.later(10s);
  CHECK(b.alive);
  b.later(30s);
  CHECK_FALSE(b.alive);
}
