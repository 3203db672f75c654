#include "stream/streams.h"

#include "unit/stream/rig.h"

#include <catch2/catch.hpp>

using namespace frond;
using namespace frond::test;
using stream::IngestResult;

TEST_CASE("JA-02: create is idempotent, names and subjects do not clash") {
  Rig rig;
  const auto first = rig.create(R"({"name":"S","subjects":["s.>"]})");
  CHECK(first.created);
  const auto again = rig.create(R"({"name":"S","subjects":["s.>"],"max_msgs":-1})");
  CHECK_FALSE(again.created);
  CHECK(again.stream == first.stream);
  CHECK(rig.create(R"({"name":"S"})").error.err_code == 10058);
  CHECK(rig.create(R"({"name":"T","subjects":["s.*.b"]})").error.err_code == 10065);
  CHECK(rig.create(R"({"name":"a.b"})").error.description ==
        "stream name is required and can not contain '.', '*', '>', '\\', '/'");
  CHECK(rig.create(R"({"name":"T","num_replicas":3})").error.err_code == 10074);
  CHECK(rig.create(R"({"name":"T","retention":"workqueue"})").error.err_code == 10052);
  CHECK(rig.create(R"({"name":"T","subjects":["$JS.x"]})").error.description ==
        "subjects that overlap with jetstream api require no-ack to be true");
  CHECK(rig.create(R"({"name":"T","subjects":["$FROND.x"]})").error.description ==
        "subjects that overlap with frond api require no-ack to be true");
  CHECK(rig.create(R"({"name":"R","subjects":["$FROND.REFUSED.>","$FROND.ADVISORY.S"]})").created);
  CHECK(rig.create(R"({"name":"T","subjects":["a.*","*.b"]})").error.description ==
        R"(subject "a.*" overlaps with "*.b")");
  CHECK(rig.streams->by_subject("s.x").size() == 1);
  CHECK(rig.streams->by_subject("*.x").size() == 1);
  CHECK(rig.streams->by_subject("t.x").empty());
}

TEST_CASE("SC-35: what an update may change") {
  Rig rig;
  stream::Stream& s = rig.make(R"({"name":"S","deny_delete":true})");
  const auto update = [&](std::string_view json) {
    stream::StreamConfig config = stream::parse_stream_config(json).config;
    const std::string name = config.name;
    return rig.streams->update(name, std::move(config), rig.now);
  };
  CHECK(update(R"({"name":"X"})").error.err_code == 10059);
  CHECK(update(R"({"name":"S","storage":"memory","deny_delete":true})").error.description ==
        "stream configuration update can not change storage type");
  CHECK(update(R"({"name":"S"})").error.description ==
        "stream configuration update can not cancel deny message deletes");
  for (int i = 0; i < 5; ++i) {
    rig.publish(s, "S", "x");
  }
  const std::string identity = s.identity();
  CHECK_FALSE(update(R"({"name":"S","deny_delete":true,"max_msgs":2})").error);
  CHECK(s.state().messages == 2);
  CHECK_FALSE(update(R"({"name":"S","deny_delete":true})").error);
  rig.commit();
  rig.open();
  stream::Stream& reopened = *rig.streams->find("S");
  CHECK(reopened.state().messages == 2);
  CHECK(reopened.identity() == identity);
  CHECK_FALSE(update(R"({"name":"S","deny_delete":true,"sealed":true})").error);
  CHECK(rig.publish(reopened, "S", "x").error.description == "invalid operation on sealed stream");
  CHECK(update(R"({"name":"S","deny_delete":true,"deny_purge":true})").error.description ==
        "stream configuration update can not unseal a sealed stream");
}

TEST_CASE("a deleted stream leaves no file, and comes back empty under its name") {
  Rig rig(GENERATE(true, false));
  rig.make(R"({"name":"S"})");
  const std::string identity = rig.streams->find("S")->identity();
  rig.publish(*rig.streams->find("S"), "S", "x");
  rig.commit();
  rig.files.files["streams/S/consumers/c.json"] = "{}";
  rig.publish(*rig.streams->find("S"), "S", "y");
  // A commit with files of the stream is in the air while it is deleted.
  const auto in_flight = rig.journal->seal();
  REQUIRE(in_flight);
  CHECK_FALSE(rig.streams->remove("S", rig.now).error);
  CHECK(rig.streams->remove("S", rig.now).error.err_code == 10059);
  rig.files.apply(*in_flight);
  rig.journal->completed(in_flight->ticket);
  rig.streams->durable(in_flight->ticket, rig.now);
  SECTION("for good") {
    rig.commit();
    CHECK(rig.files.files.empty());
  }
  SECTION("and made again") {
    rig.publish(rig.make(R"({"name":"S"})"), "S", "z");
    rig.commit();
    rig.open();
    stream::Stream& s = *rig.streams->find("S");
    CHECK(s.identity() != identity);
    CHECK(s.state().messages == 1);
    CHECK(payload_of(s, 1) == "z");
    CHECK(rig.files.files.size() == 3);  // Both copies of its config, one block.
  }
}

TEST_CASE("memory streams forget, file streams do not") {
  Rig rig;
  stream::Stream& m = rig.make(R"({"name":"M","storage":"memory","max_msgs":100})");
  for (int i = 0; i < 5000; ++i) {
    CHECK(rig.publish(m, "M", std::string(200, 'x')).ticket == Ticket{0});
  }
  CHECK(m.durable_last().value == 5000);
  CHECK(m.state().bytes == 100 * (16 + 1 + 200));
  CHECK(payload_of(m, 4950).size() == 200);
  rig.commit();
  rig.open();
  REQUIRE(rig.streams->find("M") != nullptr);
  CHECK(rig.streams->find("M")->state().messages == 0);
}

namespace {
struct Recorder final : stream::StreamListener, stream::StreamsListener {
  void on_messages(stream::Stream& s, stream::SequenceRun) override {
    log += "m" + std::to_string(s.durable_last().value);
  }
  void on_removed(stream::Stream&, std::span<const stream::RemovedMessage>) override { log += "r"; }
  void on_reloaded(stream::Stream& s) override {
    log += "L" + std::to_string(s.state().last.value);
  }
  void on_created(stream::Stream&) override { log += "+"; }
  void on_updated(stream::Stream&, const stream::StreamConfig&) override { log += "u"; }
  void on_deleted(stream::Stream&) override { log += "-"; }
  std::string log;
};
}  // namespace

TEST_CASE("PB-13: a failed commit takes the streams back to what is in the files") {
  Rig rig(GENERATE(true, false));
  Recorder recorder;
  rig.streams->set_listener(&recorder);
  stream::Stream& s = rig.make(R"({"name":"S","duplicate_window":60000000000})");
  s.add_listener(&recorder);
  rig.publish(s, "S", "a", "Nats-Msg-Id: a");
  rig.commit();
  rig.publish(s, "S", "b", "Nats-Msg-Id: b");
  const auto lost = rig.journal->seal();
  rig.publish(s, "S", "c");
  rig.make(R"({"name":"T"})");
  CHECK(static_cast<std::uint64_t>(rig.journal->failed(lost->ticket)) ==
        static_cast<std::uint64_t>(lost->ticket) + 1);
  rig.streams->reload_unsaved(rig.now);
  CHECK(recorder.log == "+m1+L1-");
  CHECK(rig.streams->find("T") == nullptr);
  CHECK(s.state().last.value == 1);
  CHECK(rig.publish(s, "S", "a", "Nats-Msg-Id: a").duplicate);
  const IngestResult again = rig.publish(s, "S", "b", "Nats-Msg-Id: b");
  CHECK(again.sequence.value == 2);
  CHECK_FALSE(again.duplicate);
  CHECK_FALSE(rig.journal->is_durable(again.ticket));
  rig.commit();
  rig.open();
  CHECK(payload_of(*rig.streams->find("S"), 2) == "b");
}
