// What comes again, when and how often.

#include "bench.h"

#include <catch2/catch.hpp>

using namespace frond;
using namespace frond::bench;
using namespace std::chrono_literals;
using consumer::parse_ack_subject;

TEST_CASE("a message not acknowledged comes again, in order, with its count") {
  Bench b;
  fill(b, 3);
  b.make(Bench::pull());
  b.ask("3");
  const auto first = b.outlet.take();
  b.ack(first[1].reply);
  b.later(29s);
  b.ask(R"({"batch":10,"expires":60000000000})");
  CHECK(b.outlet.take().empty());
  CHECK(b.consumer->due() == start + 30s);
  b.later(1s);
  const auto again = b.outlet.take("r");
  CHECK(payloads(again) == std::vector<std::string>{"m1", "m3"});
  CHECK(again[0].reply.starts_with("$JS.ACK.S.c.2.1.4."));
  CHECK(b.consumer->info(b.now).redelivered == 2);
  // A late ack on the first delivery's subject still counts (AK-06).
  b.ack(first[0].reply);
  CHECK(b.consumer->info(b.now).redelivered == 1);
  CHECK(b.consumer->info(b.now).floor_stream == StreamSeq{2});
}

TEST_CASE("a device that slept for two days redelivers once, not two days' worth") {
  Bench b;
  fill(b, 1);
  b.make(Bench::pull());
  b.ask("1");
  b.outlet.take();
  b.ask(R"({"batch":10})");
  b.later(48h);
  CHECK(b.outlet.take("r").size() == 1);
  b.pump();
  CHECK(b.outlet.take("r").empty());
}

TEST_CASE("negative acknowledgement: at once, or after a delay") {
  Bench b;
  fill(b, 1);
  b.make(Bench::pull());
  b.ask(R"({"batch":10})");
  const auto sent = b.outlet.take();
  SECTION("at once, with an advisory") {
    b.ack(sent[0].reply, "-NAK");
    const auto out = b.outlet.take();
    REQUIRE(out.size() == 2);
    CHECK(out[0].target == "$JS.EVENT.ADVISORY.CONSUMER.MSG_NAKED.S.c");
    CHECK(out[0].payload.find(R"("type":"io.nats.jetstream.advisory.v1.nak")") !=
          std::string::npos);
    CHECK(out[0].payload.find(
              R"("stream":"S","consumer":"c","consumer_seq":1,"stream_seq":1,"deliveries":1})") !=
          std::string::npos);
    CHECK(out[1].payload == "m1");
  }
  SECTION("after a Go duration") {
    b.ack(sent[0].reply, "-NAK 5s");
    CHECK(b.outlet.take("r").empty());
    b.later(4900ms);
    CHECK(b.outlet.take("r").empty());
    b.later(100ms);
    CHECK(b.outlet.take("r").size() == 1);
  }
  SECTION("after nanoseconds in JSON") {
    b.ack(sent[0].reply, R"(-NAK {"delay":60000000000})");
    b.later(59s);
    CHECK(b.outlet.take("r").empty());
    b.later(1s);
    CHECK(b.outlet.take("r").size() == 1);
  }
}

TEST_CASE("in progress starts the wait anew") {
  Bench b;
  fill(b, 1);
  b.make(Bench::pull());
  b.ask(R"({"batch":10})");
  const auto sent = b.outlet.take();
  b.later(20s);
  b.ack(sent[0].reply, "+WPI");
  b.later(20s);
  CHECK(b.outlet.take("r").empty());
  b.later(10s);
  CHECK(b.outlet.take("r").size() == 1);
}

TEST_CASE("max_deliver: a last try, an advisory once, and the floor goes on") {
  Bench b;
  fill(b, 2);
  auto config = Bench::pull();
  config.max_deliver = 2;
  config.ack_wait = 1s;
  b.make(config);
  b.ask(R"({"batch":10})");
  auto sent = b.outlet.take();
  b.ack(sent[1].reply);
  b.later(1s);
  CHECK(b.outlet.take("r").size() == 1);
  b.later(1s);
  const auto out = b.outlet.take();
  REQUIRE(out.size() == 1);
  CHECK(out[0].target == "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.S.c");
  CHECK(out[0].payload.find(R"("stream":"S","consumer":"c","stream_seq":1,"deliveries":2})") !=
        std::string::npos);
  b.later(10s);
  CHECK(b.outlet.take().empty());
  CHECK(b.consumer->info(b.now).floor_stream == StreamSeq{2});
}

TEST_CASE("back-off takes the wait of each attempt, the last one repeats") {
  Bench b;
  fill(b, 1);
  auto config = Bench::pull();
  config.backoff = {1s, 5s};
  config.ack_wait = 1s;
  b.make(config);
  b.ask(R"({"batch":10})");
  CHECK(b.outlet.take("r").size() == 1);
  b.later(1s);
  CHECK(b.outlet.take("r").size() == 1);
  b.later(4s);
  CHECK(b.outlet.take("r").empty());
  b.later(1s);
  CHECK(b.outlet.take("r").size() == 1);
  b.later(5s);
  CHECK(b.outlet.take("r").size() == 1);
}

TEST_CASE("what waits to go out again and is acked meanwhile does not go out") {
  Bench b;
  fill(b, 3);
  auto config = Bench::pull();
  const bool all = GENERATE(false, true);
  if (all) config.ack_policy = consumer::AckPolicy::all;
  b.make(config);
  b.ask("3");
  const auto sent = b.outlet.take("r");
  REQUIRE(sent.size() == 3);
  b.later(30s);  // The waits are over, and nobody asks: all three are queued.
  SECTION("acked") {
    b.ack(sent[1].reply, "+ACK");
    b.ask(R"({"batch":10})");
    CHECK(payloads(b.outlet.take("r")) ==
          (all ? std::vector<std::string>{"m3"} : std::vector<std::string>{"m1", "m3"}));
  }
  SECTION("terminated") {
    b.ack(sent[0].reply, "+TERM");
    b.ask(R"({"batch":10})");
    CHECK(payloads(b.outlet.take("r")) == std::vector<std::string>{"m2", "m3"});
  }
  SECTION("refused and acked after all") {
    b.ack(sent[2].reply, "-NAK");
    b.ack(sent[2].reply, "+ACK");
    b.ask(R"({"batch":10})");
    CHECK(payloads(b.outlet.take("r")) ==
          (all ? std::vector<std::string>{} : std::vector<std::string>{"m1", "m2"}));
  }
}

TEST_CASE("waits without end never come to one") {
  Bench b;
  auto config = Bench::pull();
  config.ack_wait = GENERATE(Duration::max(), Duration(std::chrono::seconds(30)));
  config.inactive_threshold = Duration::max();
  b.make(config);
  b.stream.put("a.x", "1");
  b.ask(R"({"batch":5,"expires":9223372036854775807,"idle_heartbeat":4611686018427387903})");
  const auto first = b.outlet.take("r");
  REQUIRE(first.size() == 1);
  b.ack(first[0].reply, R"(-NAK {"delay":9223372036854775807})");
  b.later(std::chrono::hours(24 * 365));
  CHECK(b.outlet.take("r").empty());
  CHECK(b.alive);
  CHECK(b.consumer->due() > b.now);
}

TEST_CASE("redelivery counts come back with the state") {
  Bench b;
  fill(b, 2);
  auto config = Bench::pull();
  config.max_deliver = 4;
  consumer::ConsumerState state;
  state.delivered_consumer = {5};
  state.delivered_stream = {2};
  state.pending = {{StreamSeq{1}, {ConsumerSeq{4}, start}},
                   {StreamSeq{2}, {ConsumerSeq{5}, start}}};
  state.redelivered = {{StreamSeq{1}, 2}, {StreamSeq{2}, 3}};
  b.make(config, state);
  CHECK(b.consumer->info(b.now).redelivered == 2);
  b.later(31s);
  b.ask("10");
  // The second has had its four deliveries.
  const auto sent = b.outlet.take("r");
  REQUIRE(sent.size() == 1);
  const auto ack = parse_ack_subject(sent[0].reply);
  REQUIRE(ack);
  CHECK(ack->stream == StreamSeq{1});
  CHECK(ack->deliveries == 4);
}

TEST_CASE("a message that waits to go out again and is refused with a delay waits for that") {
  Bench b;
  fill(b, 1);
  b.make(Bench::pull());
  b.ask("1");
  const auto sent = b.outlet.take();
  b.later(31s);  // Due, and nobody asks.
  b.ack(sent[0].reply, R"(-NAK {"delay":10000000000})");
  b.ask(R"({"batch":1,"expires":60000000000})");
  CHECK(b.outlet.take("r").empty());
  b.later(9s);
  CHECK(b.outlet.take("r").empty());
  b.later(1s);
  CHECK(payloads(b.outlet.take("r")) == std::vector<std::string>{"m1"});
}
