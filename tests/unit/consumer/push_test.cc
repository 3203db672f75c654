#include "bench.h"

#include <catch2/catch.hpp>

using namespace frond;
using namespace frond::bench;
using namespace std::chrono_literals;

TEST_CASE("a push consumer waits for interest, delivers, and rests when it goes") {
  Bench b;
  b.outlet.interests = {};
  b.stream.put("a.x", "one");
  b.make(Bench::push());
  b.pump();
  CHECK(b.outlet.take().empty());
  CHECK_FALSE(b.consumer->info(b.now).push_bound);
  b.outlet.interests = {"inbox"};
  b.pump();
  const auto sent = b.outlet.take();
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].target == "inbox");
  CHECK(sent[0].subject == "a.x");
  CHECK(sent[0].reply.starts_with("$JS.ACK.S.c.1.1.1."));
  CHECK(b.consumer->info(b.now).push_bound);
  b.outlet.interests = {};
  b.stream.put("a.x", "two");
  b.tell_messages();
  b.pump();
  CHECK(b.outlet.take().empty());
}

TEST_CASE("a push consumer rests while its reader has much to read") {
  Bench b;
  b.outlet.room = 3;
  const std::string payload(40'000, 'x');
  for (int i = 0; i < 10; ++i) b.stream.put("a.x", payload);
  b.make(Bench::push());
  b.pump();
  const std::size_t first = b.outlet.take().size();
  CHECK(first >= 3);
  CHECK(first <= 5);
  CHECK(b.consumer->waits_for_room());
  CHECK(b.consumer->due() > b.now);
  std::size_t all = first;
  for (int i = 0; i < 5; ++i) {
    b.consumer->wake();
    b.pump();
    all += b.outlet.take().size();
  }
  CHECK(all == 10);
  CHECK_FALSE(b.consumer->waits_for_room());
}

TEST_CASE("a push ephemeral without a listener goes after its threshold") {
  Bench b;
  b.outlet.interests = {};
  auto config = Bench::push();
  config.durable.clear();
  config.inactive_threshold = 10s;
  b.make(config);
  b.pump();
  CHECK(b.consumer->due() <= b.now + 10s);
  b.later(9s);
  CHECK(b.alive);
  b.later(1s);
  CHECK_FALSE(b.alive);
}

TEST_CASE("idle heartbeats tell the positions and stop while messages flow") {
  Bench b;
  auto config = Bench::push();
  config.idle_heartbeat = 1s;
  config.filter_subject = "a.x";
  b.make(config);
  b.pump();
  b.stream.put("a.x", "one");
  b.stream.put("a.other", "skipped");
  b.tell_messages();
  b.later(500ms);
  CHECK(b.outlet.take().size() == 1);
  b.later(900ms);
  CHECK(b.outlet.take().empty());
  b.later(100ms);
  CHECK(b.outlet.take().at(0).header ==
        "NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: 1\r\nNats-Last-Stream: 2\r\n\r\n");
}

TEST_CASE("flow control: asks at half the window, stalls at the whole, opens with the answer") {
  Bench b;
  auto config = Bench::push();
  config.idle_heartbeat = 1s;
  config.flow_control = true;
  config.ack_policy = consumer::AckPolicy::none;
  config.max_ack_pending = 0;
  b.make(config);
  const std::string large(512 * 1024, 'x');
  for (int i = 0; i < 8; ++i) {
    b.stream.put("a.x", large);
  }
  b.tell_messages();
  b.pump();
  auto sent = b.outlet.take();
  // The first window is 2 MiB: five messages of half a MiB pass before it is exceeded.
  REQUIRE(sent.size() == 5);
  CHECK(sent[2].header == "NATS/1.0 100 FlowControl Request\r\n\r\n");
  const std::string asked = sent[2].reply;
  CHECK(asked.starts_with("$JS.FC.S.c."));
  CHECK(asked.size() == std::string("$JS.FC.S.c.").size() + 4);
  b.later(1s);
  sent = b.outlet.take();
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].header ==
        "NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: 4\r\n"
        "Nats-Last-Stream: 4\r\nNats-Consumer-Stalled: " +
            asked + "\r\n\r\n");
  b.consumer->on_flow_control({"$JS.FC.S.c.none", {}, {}, {}}, b.now);
  b.pump();
  CHECK(b.outlet.take().empty());
  b.consumer->on_flow_control({asked, {}, {}, {}}, b.now);
  b.pump();
  CHECK(b.outlet.take().size() >= 4);
}

TEST_CASE("ack none: everything delivered is done") {
  Bench b;
  auto config = Bench::push();
  config.ack_policy = consumer::AckPolicy::none;
  config.max_ack_pending = 0;
  b.stream.put("a.x", "one");
  b.make(config);
  b.pump();
  const auto info = b.consumer->info(b.now);
  CHECK(info.floor_stream == StreamSeq{1});
  CHECK(info.ack_pending == 0);
  b.later(60s);
  CHECK(b.outlet.take().size() == 1);
}

TEST_CASE("a pull request at a push consumer is refused") {
  Bench b;
  b.make(Bench::push());
  b.ask("1");
  CHECK(b.outlet.take("r").at(0).header == "NATS/1.0 409 Consumer is push based\r\n\r\n");
}

TEST_CASE("paused: heartbeats go on, messages wait for the hour") {
  Bench b;
  auto config = Bench::push();
  config.idle_heartbeat = 1s;
  config.pause_until = wall(b.now + 10s);
  b.stream.put("a.x", "one");
  b.make(config);
  b.pump();
  CHECK(b.outlet.take().empty());
  CHECK(b.consumer->info(b.now).paused);
  CHECK(b.consumer->info(b.now).pause_remaining == 10s);
  b.later(1s);
  CHECK(b.outlet.take().at(0).header.starts_with("NATS/1.0 100 Idle Heartbeat"));
  CHECK(b.consumer->due() <= start + 10s);
  b.later(9s);
  CHECK(b.outlet.take().at(0).payload == "one");
}

TEST_CASE("recorded pace: the gaps of the log are kept") {
  Bench b;
  auto config = Bench::push();
  config.replay_policy = consumer::ReplayPolicy::original;
  b.stream.put("a.x", "one", start - 10s);
  b.stream.put("a.x", "two", start - 8s);
  b.make(config);
  b.pump();
  CHECK(b.outlet.take().size() == 1);
  CHECK(b.consumer->due() == start + 2s);
  b.later(1s);
  CHECK(b.outlet.take().empty());
  b.later(1s);
  CHECK(b.outlet.take().size() == 1);
  b.stream.put("a.x", "three", start + 1h);
  b.tell_messages();
  b.pump();
  CHECK(b.outlet.take().size() == 1);
}
