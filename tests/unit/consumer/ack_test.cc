#include "bench.h"

#include <catch2/catch.hpp>

using namespace frond;
using namespace frond::bench;
using namespace std::chrono_literals;
using consumer::parse_ack_subject;

namespace {
void fill(Bench& b, int count) {
  for (int i = 1; i <= count; ++i) {
    b.stream.put("a.x", "m" + std::to_string(i));
  }
}
std::vector<std::string> payloads(const std::vector<Sent>& sent) {
  std::vector<std::string> out;
  for (const Sent& s : sent) {
    out.push_back(s.payload);
  }
  return out;
}
}  // namespace

TEST_CASE("ack subjects of both forms, and what is none") {
  const auto v1 = parse_ack_subject("$JS.ACK.S.c.2.10.7.1700000000.3");
  REQUIRE(v1);
  CHECK(v1->deliveries == 2);
  CHECK(v1->stream == StreamSeq{10});
  CHECK(v1->consumer == ConsumerSeq{7});
  const auto v2 = parse_ack_subject("$JS.ACK.hub.HASH.S.c.2.10.7.1700000000.3.rnd");
  REQUIRE(v2);
  CHECK(v2->stream == StreamSeq{10});
  CHECK_FALSE(parse_ack_subject("$JS.ACK.S.c.2.10.7.1700000000"));
  CHECK_FALSE(parse_ack_subject("$JS.ACK.S.c.2.x.7.1700000000.3"));
  CHECK_FALSE(parse_ack_subject("$JS.FC.S.c.2.10.7.1700000000.3"));
  CHECK_FALSE(parse_ack_subject(""));
}

TEST_CASE("on a node with a hub acks name the node, but for mirrors of older servers") {
  Bench b;
  b.environment.ack_domain = "phone";
  fill(b, 1);
  consumer::ConsumerConfig config = Bench::pull();
  SECTION("with acks") {
    b.make(config);
    b.ask("1");
    const auto sent = b.outlet.take();
    CHECK(sent[0].reply.starts_with("$JS.ACK.phone.szMpdrwD." + b.consumer->stream().config().name +
                                    "." + b.consumer->name() + ".1.1.1."));
    b.ack(sent[0].reply);
    CHECK(b.consumer->info(b.now).floor_stream == StreamSeq{1});
  }
  SECTION("without") {
    config.ack_policy = consumer::AckPolicy::none;
    b.make(config);
    b.ask("1");
    CHECK(b.outlet.take()[0].reply.starts_with("$JS.ACK." + b.consumer->stream().config().name +
                                               "." + b.consumer->name() + ".1.1.1."));
  }
}

TEST_CASE("the ack floor moves over what is done without a gap") {
  Bench b;
  fill(b, 4);
  b.make(Bench::pull());
  b.ask("4");
  const auto sent = b.outlet.take();
  b.ack(sent[1].reply);
  CHECK(b.consumer->info(b.now).floor_stream == StreamSeq{0});
  b.ack(sent[0].reply);
  CHECK(b.consumer->info(b.now).floor_stream == StreamSeq{2});
  CHECK(b.consumer->info(b.now).floor_consumer == ConsumerSeq{2});
  b.ack(sent[3].reply);
  b.ack(sent[2].reply, "+ACK");
  CHECK(b.consumer->info(b.now).floor_stream == StreamSeq{4});
  CHECK(b.consumer->info(b.now).ack_pending == 0);
}

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

TEST_CASE("terminated: never again, and an advisory with the reason") {
  Bench b;
  fill(b, 1);
  b.make(Bench::pull());
  b.ask(R"({"batch":10})");
  const auto sent = b.outlet.take();
  b.ack(sent[0].reply, "+TERM no use");
  const auto out = b.outlet.take("$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.S.c");
  REQUIRE(out.size() == 1);
  CHECK(out[0].payload.find(R"("reason":"no use")") != std::string::npos);
  b.later(60s);
  CHECK(b.outlet.take("r").empty());
  CHECK(b.consumer->info(b.now).ack_pending == 0);
}

TEST_CASE("next: acknowledges and asks in one message") {
  Bench b;
  fill(b, 2);
  b.make(Bench::pull());
  b.ask("1");
  const auto sent = b.outlet.take();
  b.ack(sent[0].reply, "+NXT", "n");
  CHECK(payloads(b.outlet.take("n")) == std::vector<std::string>{"m2"});
  CHECK(b.consumer->info(b.now).ack_pending == 1);
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

TEST_CASE("ack all: one ack for everything before it") {
  Bench b;
  fill(b, 5);
  auto config = Bench::pull();
  config.ack_policy = consumer::AckPolicy::all;
  b.make(config);
  b.ask("5");
  const auto sent = b.outlet.take();
  b.ack(sent[2].reply);
  const auto info = b.consumer->info(b.now);
  CHECK(info.ack_pending == 2);
  CHECK(info.floor_stream == StreamSeq{3});
}

TEST_CASE("ack all: consumer sequences that do not fit are not believed") {
  Bench b;
  fill(b, 5);
  auto config = Bench::pull();
  config.ack_policy = consumer::AckPolicy::all;
  b.make(config);
  b.ask("3");
  const auto sent = b.outlet.take();
  // Made up, or from the life before of a durable of this name.
  b.ack("$JS.ACK.S.c.1.1.999.1.0");
  CHECK(b.consumer->info(b.now).floor_consumer == ConsumerSeq{3});
  CHECK(b.consumer->info(b.now).ack_pending == 2);
  b.ack(sent[1].reply);
  CHECK(b.consumer->info(b.now).ack_pending == 1);
  CHECK(b.consumer->info(b.now).floor_stream == StreamSeq{2});
  for (std::uint64_t i = 1; i <= 3; ++i) {
    b.stream.erase({i}, b.now);
  }
  b.tell_removed();
  b.pump();
  CHECK(b.consumer->info(b.now).ack_pending == 0);
}

TEST_CASE("ack all: what the stream drops in the middle acknowledges nothing before it") {
  Bench b;
  fill(b, 3);
  auto config = Bench::pull();
  config.ack_policy = consumer::AckPolicy::all;
  b.make(config);
  b.ask("3");
  b.outlet.take();
  b.stream.erase({2}, b.now);
  b.tell_removed();
  b.pump();
  CHECK(b.consumer->info(b.now).ack_pending == 2);
  CHECK(b.consumer->info(b.now).floor_stream == StreamSeq{0});
}

TEST_CASE("a double ack is answered only when the state that knows of it is durable") {
  Bench b;
  fill(b, 1);
  b.make(Bench::pull());
  b.ask("1");
  const auto sent = b.outlet.take();
  // The state of the delivery itself is already on its way.
  const auto before = b.journal.seal();
  b.ack(sent[0].reply, "+ACK", "done");
  CHECK(b.outlet.take("done").empty());
  if (before) {
    b.files.apply(*before);
    b.journal.completed(before->ticket);
    b.gate.release();
    CHECK(b.outlet.take("done").empty());
  }
  const auto commit = b.journal.seal();
  REQUIRE(commit);
  b.files.apply(*commit);
  consumer::ConsumerFiles files(b.journal, b.files, "streams/S/consumers/c");
  const auto state = consumer::decode_state(files.state.load().text, {}, b.now);
  REQUIRE(state);
  CHECK(state->floor_stream == StreamSeq{1});
  b.journal.completed(commit->ticket);
  b.gate.release();
  const auto done = b.outlet.take("done");
  REQUIRE(done.size() == 1);
  CHECK(done[0].payload.empty());
}

TEST_CASE("an ack for what was never delivered is not confirmed") {
  Bench b;
  auto config = Bench::pull();
  config.mem_storage = true;
  fill(b, 1);
  b.make(config);
  b.ack("$JS.ACK.S.c.1.9.9.1700000000.0", "+ACK", "done");
  CHECK(b.outlet.take("done").empty());
  b.ask("1");
  const auto sent = b.outlet.take();
  b.ack(sent[0].reply, "+ACK", "done");
  CHECK(b.outlet.take("done").size() == 1);
  // Again: it is acknowledged, so the answer is the same.
  b.ack(sent[0].reply, "+ACK", "done");
  CHECK(b.outlet.take("done").size() == 1);
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

TEST_CASE("an ack of what was never delivered counts for nothing and gets no answer") {
  Bench b;
  fill(b, 3);
  consumer::ConsumerConfig config = Bench::pull();
  SECTION("explicit") {}
  SECTION("all") { config.ack_policy = consumer::AckPolicy::all; }
  b.make(config);
  b.ask("1");
  b.outlet.take();
  for (const char* sequence : {"2", "3", "9"}) {
    b.ack("$JS.ACK.S.c.1." + std::string(sequence) + ".2.1700000000.0", "+ACK", "done");
  }
  CHECK(b.outlet.take("done").empty());
  CHECK(b.consumer->info(b.now).floor_stream == StreamSeq{0});
  CHECK(b.consumer->info(b.now).ack_pending == 1);
}

TEST_CASE("that work goes on outlives a restart") {
  Bench b;
  fill(b, 1);
  b.make(Bench::pull());
  b.ask("1");
  const auto sent = b.outlet.take();
  b.later(20s);
  test::carry_out(b.journal, b.files, [](const CommitStorage&) {});
  b.ack(sent[0].reply, "+WPI");
  b.later(1s);
  REQUIRE(b.journal.pending());
  test::carry_out(b.journal, b.files, [](const CommitStorage&) {});
  consumer::ConsumerFiles files(b.journal, b.files, "streams/S/consumers/c");
  const auto state = consumer::decode_state(files.state.load().text, {}, b.now);
  REQUIRE(state);
  CHECK(state->pending.at(StreamSeq{1}).since == start + 20s);
}
