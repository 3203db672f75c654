// What one stream stores, answers and removes.
#include "base/limits.h"
#include "stream/pub_ack.h"
#include "unit/stream/rig.h"

#include <catch2/catch.hpp>

using namespace frond;
using namespace frond::test;
using stream::IngestResult;

TEST_CASE("a stored message is durable after its commit and there after a restart") {
  const bool appends = GENERATE(true, false);
  Rig rig(appends);
  stream::Stream* orders = &rig.make(R"({"name":"ORDERS","subjects":["orders.>"]})");
  const IngestResult first = rig.publish(*orders, "orders.eu.1", "one");
  CHECK(first.sequence.value == 1);
  CHECK_FALSE(rig.journal->is_durable(first.ticket));
  CHECK(orders->durable_last().value == 0);
  CHECK(payload_of(*orders, 1) == "one");
  rig.commit();
  CHECK(rig.journal->is_durable(first.ticket));
  CHECK(orders->durable_last().value == 1);
  CHECK(rig.publish(*orders, "orders.us.1", "two", "A: b").sequence.value == 2);
  rig.commit();

  CHECK(rig.open().empty());
  orders = rig.streams->find("ORDERS");
  REQUIRE(orders != nullptr);
  CHECK(orders->state().messages == 2);
  CHECK(orders->state().last.value == 2);
  CHECK(orders->state().bytes == (30 + 11 + 3) + (34 + 11 + 18 + 3));
  const auto second = orders->get({2});
  REQUIRE(second);
  CHECK(second->subject == "orders.us.1");
  CHECK(second->header == "NATS/1.0\r\nA: b\r\n\r\n");
  CHECK(second->payload == "two");
  CHECK(second->time == wall(rig.now));
  CHECK(rig.publish(*orders, "orders.eu.1", "three").sequence.value == 3);
}

TEST_CASE("questions by subject") {
  Rig rig(GENERATE(true, false));
  stream::Stream& s = rig.make(R"({"name":"S","subjects":["a.>"]})");
  for (int i = 0; i < 1000; ++i) {
    rig.now = at_ms(i);
    rig.publish(s, i % 100 == 7 ? "a.rare.x" : "a.common." + std::to_string(i % 10), "p");
    if (i % 50 == 0) {
      rig.commit();
    }
  }
  rig.commit();
  const std::vector<std::string> rare = {"a.rare.*"};
  CHECK(s.next_for(rare, {1})->sequence.value == 8);
  CHECK(s.next_for(rare, {9})->sequence.value == 108);
  CHECK_FALSE(s.next_for(rare, {909}));
  CHECK(s.next_for({}, {500})->sequence.value == 500);
  CHECK(s.last_for("a.rare.x")->sequence.value == 908);
  CHECK(s.last_for("a.*.x")->sequence.value == 908);
  CHECK_FALSE(s.last_for("b.>"));
  CHECK(s.count_from(rare, {1}) == 10);
  CHECK(s.count_from(rare, {109}) == 8);
  CHECK(s.count_from({}, {901}) == 100);
  CHECK(s.count_from(std::vector<std::string>{"a.rare.*", "a.>"}, {1}) == 1000);
  CHECK(s.subjects("a.common.*").size() == 10);
  CHECK(s.subjects("a.rare.>").front().messages == 10);
  const std::vector<std::string> all = {"a.>"};
  const auto last = s.last_per_subject(all, s.state().last);
  REQUIRE(last.size() == 11);
  CHECK(last.front().value == 908);
  CHECK(last.back().value == 1000);
  CHECK(s.first_at(wall(at_ms(500))).value == 501);
  CHECK(s.first_at(wall(at_ms(5000))).none());
}

TEST_CASE("PB-03 PB-04: a message id is known within its window, also after a restart") {
  Rig rig(GENERATE(true, false));
  stream::Stream* s = &rig.make(R"({"name":"S","duplicate_window":2000000000})");
  const IngestResult first = rig.publish(*s, "S", "x", "Nats-Msg-Id: a");
  const IngestResult again = rig.publish(*s, "S", "x", "Nats-Msg-Id: a");
  CHECK(again.duplicate);
  CHECK(again.sequence.value == 1);
  CHECK(again.ticket == first.ticket);
  CHECK(stream::pub_ack_json("S", "hub", again) ==
        R"({"stream":"S","domain":"hub","seq":1,"duplicate": true})");
  CHECK(stream::pub_ack_json("S", "", first) == R"({"stream":"S","seq":1})");
  rig.commit();
  CHECK(rig.publish(*s, "S", "x", "Nats-Msg-Id: a").ticket == Ticket{0});
  rig.now = at_ms(1000);
  rig.publish(*s, "S", "y", "Nats-Msg-Id: b");
  rig.commit();
  rig.now = at_ms(1999);
  rig.open();
  s = rig.streams->find("S");
  CHECK(rig.publish(*s, "S", "x", "Nats-Msg-Id: a").sequence.value == 1);
  rig.now = at_ms(2000);
  CHECK(rig.publish(*s, "S", "x", "Nats-Msg-Id: a").sequence.value == 3);
  CHECK(rig.publish(*s, "S", "x", "Nats-Msg-Id: b").duplicate);
}

TEST_CASE("PB-05 PB-06: what a publisher expects") {
  Rig rig;
  stream::Stream& s = rig.make(R"({"name":"S","subjects":["s.>"]})");
  rig.publish(s, "s.a", "1", "Nats-Msg-Id: m1");
  rig.publish(s, "s.b", "2");
  const auto refused = [&](std::string_view subject, std::string_view header) {
    return rig.publish(s, subject, "x", header).error;
  };
  CHECK(refused("s.a", "Nats-Expected-Stream: T").err_code == 10060);
  CHECK(refused("s.a", "Nats-Expected-Stream: T").description == "expected stream does not match");
  CHECK(refused("s.a", "Nats-Expected-Last-Sequence: 1").description == "wrong last sequence: 2");
  CHECK(refused("s.a", "Nats-Expected-Last-Sequence: x").err_code == 10071);
  CHECK(refused("s.a", "Nats-Expected-Last-Subject-Sequence: 2").description ==
        "wrong last sequence: 1");
  CHECK(refused("s.c", "Nats-Expected-Last-Subject-Sequence: 1").description ==
        "wrong last sequence: 0");
  CHECK(refused("s.c", "Nats-Expected-Last-Subject-Sequence-Subject: s.*").err_code == 10193);
  CHECK(refused("s.a", "Nats-Expected-Last-Msg-Id: m1").description == "wrong last msg ID: ");
  CHECK(s.state().last.value == 2);
  CHECK_FALSE(refused("s.c", "Nats-Expected-Last-Subject-Sequence: 0"));
  CHECK_FALSE(refused("s.x",
                      "Nats-Expected-Last-Subject-Sequence: 3\r\n"
                      "Nats-Expected-Last-Subject-Sequence-Subject: s.>"));
  CHECK_FALSE(refused("s.a", "Nats-Expected-Last-Sequence: 4"));
  CHECK(refused("s.a", "Nats-Incr: +1").err_code == 10168);
  CHECK(refused("s.a", "Nats-TTL: 5").err_code == 10166);
  CHECK(refused("s.a", "Nats-TTL: junk").err_code == 10165);
  CHECK(refused("s.a", "Nats-Schedule: @at x").err_code == 10188);
}

TEST_CASE("PB-06: the last message id is known after a restart") {
  Rig rig(GENERATE(true, false));
  stream::Stream* s = &rig.make(R"({"name":"S"})");
  rig.publish(*s, "S", "1", "Nats-Msg-Id: m1");
  rig.commit();
  rig.open();
  s = rig.streams->find("S");
  CHECK(rig.publish(*s, "S", "x", "Nats-Expected-Last-Msg-Id: m2").error.err_code == 10070);
  CHECK_FALSE(rig.publish(*s, "S", "2", "Nats-Expected-Last-Msg-Id: m1").error);
}

TEST_CASE("PB-07: rollup") {
  Rig rig(GENERATE(true, false));
  stream::Stream* s = &rig.make(R"({"name":"S","subjects":["s.>"],"allow_rollup_hdrs":true})");
  for (const char* subject : {"s.a", "s.b", "s.a", "s.b"}) {
    rig.publish(*s, subject, "x");
  }
  rig.publish(*s, "s.a", "y", "Nats-Rollup: sub");
  CHECK(s->state().messages == 3);
  CHECK(s->state().first.value == 2);
  CHECK(rig.publish(*s, "s.a", "y", "Nats-Rollup: some").error.description ==
        "rollup value invalid: \"some\"");
  rig.commit();
  rig.open();
  s = rig.streams->find("S");
  CHECK(s->state().messages == 3);
  CHECK(s->deleted_runs(9) == std::vector<stream::SequenceRun>{{{3}, {3}}});
  rig.publish(*s, "s.b", "z", "Nats-Rollup: all");
  CHECK(s->state().messages == 1);
  CHECK(s->state().first.value == 6);
  rig.commit();
  rig.open();
  CHECK(rig.streams->find("S")->state().first.value == 6);
  stream::Stream& plain = rig.make(R"({"name":"T"})");
  CHECK(rig.publish(plain, "T", "y", "Nats-Rollup: all").error.description ==
        "rollup not permitted");
}

TEST_CASE("PB-10 PB-11: limits") {
  Rig rig(GENERATE(true, false));
  const auto why = [&](stream::Stream& s, std::string_view subject, std::string_view payload) {
    return rig.publish(s, subject, payload).error;
  };
  SECTION("discard old") {
    stream::Stream& s =
        rig.make(R"({"name":"S","subjects":["s.*"],"max_msgs":3,"max_msgs_per_subject":2})");
    for (int i = 0; i < 5; ++i) {
      rig.publish(s, "s.a", std::to_string(i));
    }
    CHECK(s.state().messages == 2);
    CHECK(s.state().first.value == 4);
    rig.publish(s, "s.b", "x");
    rig.publish(s, "s.c", "x");
    CHECK(s.state().first.value == 5);
    rig.commit();
    rig.open();
    CHECK(rig.streams->find("S")->state().first.value == 5);
    CHECK(rig.streams->find("S")->state().messages == 3);
  }
  SECTION("discard old, by bytes to the byte") {
    stream::Stream& s = rig.make(R"({"name":"S","max_bytes":82})");  // Two of 30 + 1 + 10.
    for (int i = 0; i < 3; ++i) rig.publish(s, "S", "0123456789");
    CHECK(s.state().messages == 2);
    CHECK(s.state().bytes == 82);
    rig.publish(s, "S", "0123456789X");
    CHECK(s.state().messages == 1);
  }
  SECTION("discard new") {
    stream::Stream& s = rig.make(R"({"name":"S","max_msgs":1,"discard":"new"})");
    rig.publish(s, "S", "x");
    CHECK(why(s, "S", "x").description == "maximum messages exceeded");
    CHECK(why(s, "S", "x").err_code == 10077);
    stream::Stream& t = rig.make(R"({"name":"T","max_bytes":40,"discard":"new"})");
    CHECK(why(t, "T", "0123456789").description == "maximum bytes exceeded");
    CHECK_FALSE(why(t, "T", "012345678"));
    stream::Stream& u = rig.make(
        R"({"name":"U","max_msgs_per_subject":1,"discard":"new","discard_new_per_subject":true})");
    rig.publish(u, "U", "x");
    CHECK(why(u, "U", "x").description == "maximum messages per subject exceeded");
    // A rollup leaves its subject with one message: that is no more than there may be.
    stream::Stream& v = rig.make(
        R"({"name":"V","max_msgs_per_subject":1,"discard":"new","discard_new_per_subject":true,)"
        R"("allow_rollup_hdrs":true})");
    rig.publish(v, "V", "x");
    CHECK_FALSE(rig.publish(v, "V", "y", "Nats-Rollup: sub").error);
    CHECK(payload_of(v, 2) == "y");
    CHECK(v.state().messages == 1);
  }
  SECTION("sizes") {
    stream::Stream& s = rig.make(R"({"name":"S","max_msg_size":4})");
    CHECK_FALSE(why(s, "S", "1234"));
    CHECK(why(s, "S", "12345").err_code == 10054);
    stream::Stream& t = rig.make(R"({"name":"T"})");
    CHECK(rig.publish(t, "T", "x", "K: " + std::string(65536, 'v')).error.err_code == 10097);
  }
}

TEST_CASE("the account's limit") {
  Rig rig(true, {.storage_bytes_max = 100, .memory_bytes_max = -1});
  stream::Stream& s = rig.make(R"({"name":"S"})");
  CHECK_FALSE(rig.publish(s, "S", std::string(60, 'x')).error);
  CHECK(rig.publish(s, "S", "123456789").error.err_code == 10002);
  CHECK(rig.create(R"({"name":"T","max_bytes":101})").error.err_code == 10047);
}

TEST_CASE("purge and erase survive a restart") {
  Rig rig(GENERATE(true, false));
  stream::Stream* s = &rig.make(R"({"name":"S","subjects":["s.*"]})");
  for (int i = 0; i < 10; ++i) {
    rig.publish(*s, i % 2 == 0 ? "s.a" : "s.b", "x");
    rig.commit();
  }
  CHECK(s->erase({4}, rig.now));
  CHECK_FALSE(s->erase({4}, rig.now));
  CHECK(s->purge({.filter = "s.a", .before = {}, .keep = 2}, rig.now) == 3);
  rig.commit();
  rig.open();
  s = rig.streams->find("S");
  CHECK(s->state().messages == 6);
  CHECK(s->state().first.value == 2);
  CHECK(s->deleted_runs(9) == std::vector<stream::SequenceRun>{{{3}, {5}}});
  CHECK(s->purge({.filter = "", .before = {1}, .keep = 0}, rig.now) == 0);
  CHECK(s->purge({.filter = "", .before = {8}, .keep = 0}, rig.now) == 3);
  CHECK(s->state().first.value == 8);
  CHECK(s->purge({}, rig.now) == 3);
  CHECK(s->state().first.value == 11);
  CHECK(s->state().last.value == 10);
  rig.commit();
  rig.open();
  s = rig.streams->find("S");
  CHECK(s->state().messages == 0);
  CHECK(s->state().last.value == 10);
  s->purge({.filter = "", .before = {21}, .keep = 0}, rig.now);
  CHECK(rig.publish(*s, "s.a", "x").sequence.value == 21);
  rig.commit();
  rig.open();
  CHECK(rig.streams->find("S")->state().first.value == 21);
}

TEST_CASE("a purge of some subjects ends before its sequence, and is told") {
  struct Removals final : stream::StreamListener {
    void on_messages(stream::Stream&, stream::SequenceRun) override {}
    void on_removed(stream::Stream&, std::span<const stream::RemovedMessage>) override { ++told; }
    void on_reloaded(stream::Stream&) override {}
    int told = 0;
  } removals;
  Rig rig;
  stream::Stream& s = rig.make(R"({"name":"S","subjects":["s.*"]})");
  for (const char* subject : {"s.a", "s.b", "s.a", "s.a"}) rig.publish(s, subject, "x");
  s.add_listener(&removals);
  CHECK(s.purge({.filter = "s.a", .before = {3}, .keep = 0}, rig.now) == 1);
  CHECK(removals.told == 1);
  CHECK(s.get({3}));
  CHECK(s.purge({.filter = "s.c", .before = {}, .keep = 0}, rig.now) == 0);
  CHECK(removals.told == 1);
  CHECK(s.purge({}, rig.now) == 3);
  CHECK(removals.told == 2);
}

TEST_CASE("the last of each subject as of a sequence counts that sequence") {
  Rig rig;
  stream::Stream& s = rig.make(R"({"name":"S","subjects":["s.*"]})");
  for (const char* subject : {"s.a", "s.b", "s.a", "s.b"}) rig.publish(s, subject, "x");
  const auto as_of = [&](std::uint64_t sequence) {
    return s.last_per_subject(std::vector<std::string>{"s.*"}, {sequence});
  };
  CHECK(as_of(0).empty());
  CHECK(as_of(1) == std::vector<StreamSeq>{{1}});
  CHECK(as_of(2) == std::vector<StreamSeq>{{1}, {2}});
  CHECK(as_of(3) == std::vector<StreamSeq>{{2}, {3}});
  CHECK(as_of(9) == std::vector<StreamSeq>{{3}, {4}});
}

TEST_CASE("a stream whose file made a commit fail rests, and others do not") {
  Rig rig;
  stream::Stream& s = rig.make(R"({"name":"S"})");
  stream::Stream& t = rig.make(R"({"name":"T"})");
  stream::Stream& m = rig.make(R"({"name":"M","mirror":{"name":"ORIGIN"}})");
  rig.commit();
  rig.streams->blame("streams/S/blocks/1.blk", rig.now);
  rig.streams->blame("streams/M/blocks/1.blk", rig.now);
  CHECK(rig.publish(s, "S", "x").error.err_code == 10077);
  CHECK(m.store_at({1}, wall(rig.now), {"o", {}, {}, "x"}, rig.now).error.err_code == 10077);
  CHECK_FALSE(rig.publish(t, "T", "x").error);
  rig.now += base::storage_fence_max;
  CHECK_FALSE(rig.publish(s, "S", "x").error);
}

TEST_CASE("SC-07 TT-02: old messages go on time, and at start") {
  Rig rig;
  stream::Stream* s = &rig.make(R"({"name":"S","max_age":1000000000})");
  rig.publish(*s, "S", "x");
  rig.now = at_ms(500);
  rig.publish(*s, "S", "y");
  rig.commit();
  CHECK(rig.streams->next_deadline() == at_ms(1000));
  rig.now = at_ms(1000);
  rig.streams->tick(rig.now);
  CHECK(s->state().first.value == 2);
  rig.commit();
  rig.now = at_ms(5000);
  rig.open();
  CHECK(rig.streams->find("S")->state().messages == 0);
  CHECK(rig.streams->find("S")->state().last.value == 2);
}

TEST_CASE("MS-01 MS-12: a mirror keeps sequences and times, gaps are deleted messages") {
  Rig rig(GENERATE(true, false));
  stream::Stream* s = &rig.make(R"({"name":"M","mirror":{"name":"ORIGIN"}})");
  CHECK(s->config().subjects.empty());
  const base::Message message{"o.a", {}, {}, "x"};
  s->store_at({5}, wall(at_ms(1)), message, rig.now);
  s->store_at({5}, wall(at_ms(1)), message, rig.now);
  s->store_at({9'000'000'000}, wall(at_ms(2)), message, rig.now);
  s->skip_to({9'000'000'011}, rig.now);
  rig.commit();
  rig.open();
  s = rig.streams->find("M");
  CHECK(s->state().messages == 2);
  CHECK(s->state().first.value == 5);
  CHECK(s->state().last.value == 9'000'000'010);
  CHECK(s->get({5})->time == wall(at_ms(1)));
}
