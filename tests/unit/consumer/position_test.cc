#include "bench.h"
#include "store/checksum.h"

#include <catch2/catch.hpp>

using namespace frond;
using namespace frond::bench;
using namespace std::chrono_literals;
using consumer::DeliverPolicy;

namespace {
std::vector<std::uint64_t> delivered(Bench& b) {
  b.ask("100");
  std::vector<std::uint64_t> out;
  for (const Sent& sent : b.outlet.take("r")) {
    const auto ack = consumer::parse_ack_subject(sent.reply);
    if (ack) {
      out.push_back(ack->stream.value);
    }
  }
  return out;
}
using Sequences = std::vector<std::uint64_t>;
}  // namespace

TEST_CASE("every deliver policy starts where it says") {
  Bench b;
  b.stream.put("a.x", "1", start);
  b.stream.put("a.y", "2", start + 1s);
  b.stream.put("a.x", "3", start + 2s);
  b.stream.put("a.z", "4", start + 3s);
  auto config = Bench::pull();
  SECTION("all") {
    b.make(config);
    CHECK(delivered(b) == Sequences{1, 2, 3, 4});
  }
  SECTION("last") {
    config.deliver_policy = DeliverPolicy::last;
    b.make(config);
    CHECK(delivered(b) == Sequences{4});
  }
  SECTION("last of a filter") {
    config.deliver_policy = DeliverPolicy::last;
    config.filter_subject = "a.x";
    b.make(config);
    CHECK(delivered(b) == Sequences{3});
  }
  SECTION("new") {
    config.deliver_policy = DeliverPolicy::fresh;
    b.make(config);
    CHECK(delivered(b).empty());
    b.stream.put("a.x", "5");
    CHECK(delivered(b) == Sequences{5});
  }
  SECTION("by sequence") {
    config.deliver_policy = DeliverPolicy::by_start_sequence;
    config.opt_start_seq = 3;
    b.make(config);
    CHECK(delivered(b) == Sequences{3, 4});
  }
  SECTION("by a sequence that is still to come") {
    config.deliver_policy = DeliverPolicy::by_start_sequence;
    config.opt_start_seq = 6;
    b.make(config);
    b.stream.put("a.x", "5");
    b.stream.put("a.x", "6");
    CHECK(delivered(b) == Sequences{6});
  }
  SECTION("by time") {
    config.deliver_policy = DeliverPolicy::by_start_time;
    config.opt_start_time = wall(start + 1500ms);
    b.make(config);
    CHECK(delivered(b) == Sequences{3, 4});
  }
  SECTION("last per subject, then what follows") {
    config.deliver_policy = DeliverPolicy::last_per_subject;
    config.filter_subject = "a.>";
    b.make(config);
    CHECK(b.consumer->info(b.now).pending == 3);
    b.stream.put("a.y", "5");
    CHECK(delivered(b) == Sequences{2, 3, 4, 5});
    CHECK(b.consumer->info(b.now).pending == 0);
  }
  SECTION("several filters") {
    config.filter_subjects = {"a.y", "a.z"};
    b.make(config);
    CHECK(b.consumer->info(b.now).pending == 2);
    CHECK(delivered(b) == Sequences{2, 4});
  }
}

TEST_CASE("num_pending follows what comes and what goes") {
  Bench b;
  for (int i = 0; i < 5; ++i) {
    b.stream.put(i % 2 == 0 ? "a.x" : "a.y", "m");
  }
  auto config = Bench::pull();
  config.filter_subject = "a.x";
  b.make(config);
  CHECK(b.consumer->info(b.now).pending == 3);
  b.stream.put("a.x", "m");
  b.tell_messages();
  CHECK(b.consumer->info(b.now).pending == 4);
  b.stream.erase({3}, b.now);
  b.tell_removed();
  CHECK(b.consumer->info(b.now).pending == 3);
  CHECK(delivered(b) == Sequences{1, 5, 6});
  CHECK(b.consumer->info(b.now).pending == 0);
}

TEST_CASE("a delivered message that the stream drops is no longer waited for") {
  Bench b;
  b.stream.put("a.x", "1");
  b.stream.put("a.x", "2");
  b.stream.put("a.x", "3");
  b.make(Bench::pull());
  CHECK(delivered(b) == Sequences{1, 2, 3});
  b.stream.erase({1}, b.now);
  b.tell_removed();
  b.pump();
  CHECK(b.consumer->info(b.now).ack_pending == 2);
  CHECK(b.consumer->info(b.now).floor_stream == StreamSeq{1});
  const auto out = b.outlet.take("$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.S.c");
  REQUIRE(out.size() == 1);
  CHECK(out[0].payload.find("Unacknowledged message was deleted") != std::string::npos);
}

TEST_CASE("what survives a restart: positions, open acks, counts") {
  Bench b;
  for (int i = 0; i < 4; ++i) {
    b.stream.put("a.x", "m");
  }
  b.make(Bench::pull());
  b.ask("3");
  const auto sent = b.outlet.take();
  b.ack(sent[1].reply);
  b.later(30s);
  b.ask("1");
  b.outlet.take();
  const auto bytes = consumer::encode_state(b.consumer->state(), {}, start);
  const auto state = consumer::decode_state(bytes, {}, start);
  REQUIRE(state);
  CHECK(state->pending.size() == 2);
  CHECK(state->redelivered.at(StreamSeq{1}) == 1);
  b.make(Bench::pull(), *state);
  const auto info = b.consumer->info(b.now);
  CHECK(info.ack_pending == 2);
  CHECK(info.pending == 1);
  CHECK(info.delivered_stream == StreamSeq{3});
  b.later(30s);
  CHECK(delivered(b) == Sequences{1, 3, 4});
}

TEST_CASE("a state from beyond the end of the stream is cut back to it") {
  Bench b;
  b.stream.put("a.x", "1");
  consumer::ConsumerState state;
  state.delivered_stream = {5};
  state.delivered_consumer = {5};
  state.floor_stream = {2};
  state.floor_consumer = {2};
  state.pending[StreamSeq{3}] = {ConsumerSeq{3}, start};
  b.make(Bench::pull(), state);
  b.stream.put("a.x", "2 again");
  CHECK(delivered(b) == Sequences{2});
  CHECK(b.consumer->info(b.now).delivered_consumer == ConsumerSeq{6});
}

TEST_CASE("what was delivered ends with the stream when the stream has lost its end") {
  Bench b;
  for (int i = 0; i < 3; ++i) {
    b.stream.put("a.x", "m");
  }
  b.make(Bench::pull());
  CHECK(delivered(b) == Sequences{1, 2, 3});
  b.stream.messages.resize(1);
  b.stream.last = b.stream.durable = 1;
  b.tell_reloaded();
  b.pump();
  CHECK(b.consumer->info(b.now).delivered_stream == StreamSeq{1});
  CHECK(b.consumer->info(b.now).ack_pending == 1);
  CHECK(b.consumer->state().delivered_stream == StreamSeq{1});
}

TEST_CASE("what is not durable is not delivered, also when a filter skips what is") {
  Bench b;
  b.stream.put("a.x", "1");
  b.stream.put("a.y", "2");
  b.stream.durable = 1;
  consumer::ConsumerConfig config = Bench::pull();
  config.filter_subject = "a.y";
  b.make(config);
  CHECK(delivered(b).empty());
  b.stream.durable = 2;
  b.tell_messages();
  b.pump();
  CHECK(delivered(b) == Sequences{2});
}

TEST_CASE("a state is read as it was written, whatever its numbers") {
  consumer::ConsumerState state;
  state.delivered_consumer = {12};
  state.delivered_stream = {900};
  state.floor_consumer = {3};
  state.floor_stream = {299};
  for (const std::uint64_t sequence : {300, 301, 700, 900}) {
    state.pending[StreamSeq{sequence}] = {ConsumerSeq{sequence / 100}, start};
    state.redelivered[StreamSeq{sequence}] = sequence % 7 + 1;
  }
  const auto read = consumer::decode_state(consumer::encode_state(state, {}, start), {}, start);
  REQUIRE(read);
  CHECK(read->delivered_consumer == state.delivered_consumer);
  CHECK(read->delivered_stream == state.delivered_stream);
  CHECK(read->floor_consumer == state.floor_consumer);
  CHECK(read->floor_stream == state.floor_stream);
  CHECK(read->redelivered == state.redelivered);
  REQUIRE(read->pending.size() == state.pending.size());
  for (const auto& [sequence, pending] : state.pending) {
    CHECK(read->pending.at(sequence).delivery == pending.delivery);
  }
}

TEST_CASE("a state of the first builds, without the time of writing, is read") {
  consumer::ConsumerState state;
  state.delivered_stream = {300};
  state.pending[StreamSeq{299}] = {ConsumerSeq{12}, start};
  std::string older = consumer::encode_state(state, {}, start);
  older.resize(older.size() - 4);  // The checksum, and the varint before it.
  do older.pop_back();
  while ((older.back() & 0x80) != 0);
  const std::uint32_t sum = store::crc32c(older);
  for (unsigned i = 0; i < 4; ++i) older += static_cast<char>(sum >> (8 * i));
  const auto read = consumer::decode_state(older, {}, start);
  REQUIRE(read);
  CHECK(read->delivered_stream == StreamSeq{300});
  CHECK(read->pending.at(StreamSeq{299}).since == start);
}

TEST_CASE("a damaged state is not read") {
  consumer::ConsumerState state;
  state.delivered_stream = {300};
  state.pending[StreamSeq{299}] = {ConsumerSeq{12}, start};
  std::string bytes = consumer::encode_state(state, {}, start);
  CHECK(consumer::decode_state(bytes, {}, start)->pending.at(StreamSeq{299}).since == start);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string broken = bytes;
    broken[i] = static_cast<char>(broken[i] ^ 0x10);
    CHECK_FALSE(consumer::decode_state(broken, {}, start));
  }
  CHECK_FALSE(consumer::decode_state(bytes.substr(0, 10), {}, start));
  CHECK_FALSE(consumer::decode_state("", {}, start));
}

TEST_CASE("state is written at most every 250 ms, and not for what dies with its client") {
  Bench b;
  for (int i = 0; i < 10; ++i) {
    b.stream.put("a.x", "m");
  }
  SECTION("durable") {
    b.make(Bench::pull());
    b.pump();
    const auto first = b.journal.seal();
    REQUIRE(first);
    b.journal.completed(first->ticket);
    b.ask("1");
    CHECK_FALSE(b.journal.pending());
    CHECK(b.consumer->due() == start + 250ms);
    b.later(250ms);
    CHECK(b.journal.pending());
  }
  SECTION("ephemeral") {
    auto config = Bench::pull();
    config.durable.clear();
    b.make(config);
    b.ask("1");
    CHECK_FALSE(b.journal.pending());
  }
}

TEST_CASE(
    "waits of a state that was written in the future begin anew, a delayed one stays delayed") {
  consumer::ConsumerState state;
  state.delivered_stream = {300};
  state.pending[StreamSeq{1}] = {ConsumerSeq{1}, start - std::chrono::seconds(20)};
  state.pending[StreamSeq{2}] = {ConsumerSeq{2}, start + std::chrono::hours(1)};
  const std::string bytes = consumer::encode_state(state, {}, start);
  const auto since = [&](Instant now, std::uint64_t sequence) {
    return consumer::decode_state(bytes, {}, now)->pending.at(StreamSeq{sequence}).since - now;
  };
  CHECK(since(start + std::chrono::seconds(5), 1) == std::chrono::seconds(-25));
  const Instant set_back = start - std::chrono::hours(5);
  CHECK(since(set_back, 1) == std::chrono::seconds(-20));
  CHECK(since(set_back, 2) == std::chrono::hours(1));
}

TEST_CASE("a consumer whose state is lost misses nothing that came since it was made") {
  Bench b;
  b.stream.put("a.x", "1", start);
  b.stream.put("a.y", "2", start + 1s);
  b.stream.put("a.x", "3", start + 11s);
  b.stream.put("a.y", "4", start + 12s);
  b.stream.put("a.y", "5", start + 13s);
  b.now = start + 20s;
  auto config = Bench::pull();
  const auto lose_state = [&] {
    b.consumer = std::make_unique<consumer::Consumer>(
        b.stream, b.environment, config, "c", wall(start + 10s),
        consumer::ConsumerFiles(b.journal, b.files, "streams/S/consumers/c"), std::nullopt, b.now);
  };
  SECTION("new") {
    config.deliver_policy = DeliverPolicy::fresh;
    lose_state();
    CHECK(delivered(b) == Sequences{3, 4, 5});
  }
  SECTION("last") {
    config.deliver_policy = DeliverPolicy::last;
    lose_state();
    CHECK(delivered(b) == Sequences{2, 3, 4, 5});
  }
  SECTION("last with a filter") {
    config.deliver_policy = DeliverPolicy::last;
    config.filter_subject = "a.x";
    lose_state();
    CHECK(delivered(b) == Sequences{1, 3});
  }
  SECTION("last per subject") {
    config.deliver_policy = DeliverPolicy::last_per_subject;
    lose_state();
    // The last ones as of its creation, as it would have delivered them, and all since.
    CHECK(delivered(b) == Sequences{1, 2, 3, 4, 5});
  }
  SECTION("all") {
    lose_state();
    CHECK(delivered(b) == Sequences{1, 2, 3, 4, 5});
  }
}
