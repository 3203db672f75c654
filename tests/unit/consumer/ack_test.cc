// What an ack means, and to whom it is confirmed.

#include "bench.h"

#include <catch2/catch.hpp>

using namespace frond;
using namespace frond::bench;
using namespace std::chrono_literals;
using consumer::parse_ack_subject;

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
