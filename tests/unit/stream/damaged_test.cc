// A message whose bytes turn out to be wrong: it goes, and everybody is told.
#include "rig.h"

using namespace frond;
using test::Rig;

namespace {

std::string body(int i) { return "<" + std::to_string(i) + ">" + std::string(100'000, 'p'); }

struct Listener final : stream::StreamListener {
  void on_messages(stream::Stream&, stream::SequenceRun) override {}
  void on_removed(stream::Stream&, std::span<const stream::RemovedMessage> messages) override {
    for (const auto& one : messages) removed.emplace_back(one.sequence.value, one.subject);
  }
  void on_reloaded(stream::Stream&) override {}
  std::vector<std::pair<std::uint64_t, std::string>> removed;
};

/// 60 messages, of which those up to 41 are in a full block, which is not read at the start.
struct Damaged : Rig {
  Damaged() {
    stream::Stream& made =
        make(R"({"name":"S","subjects":["s.>"],"duplicate_window":600000000000})");
    for (int i = 1; i <= 60; ++i) {
      publish(made, "s." + std::to_string(i % 10), body(i), "Nats-Msg-Id: id" + std::to_string(i));
    }
    commit();
  }
  void flip(int sequence) {
    for (auto& [path, file] : files.files) {
      const std::size_t at = file.find("<" + std::to_string(sequence) + ">");
      if (at != std::string::npos) file[at] ^= 8;
    }
  }
  stream::Stream& stream() { return *streams->find("S"); }
};

}  // namespace

TEST_CASE("a message that is found damaged goes like a removed one, and is reported") {
  Damaged rig;
  rig.now += std::chrono::hours(1);  // Past the duplicate window, which is read at the start.
  rig.flip(12);
  CHECK(rig.open().empty());
  CHECK(rig.streams->drop_damaged().empty());
  stream::Stream& stream = rig.stream();
  Listener listener;
  stream.add_listener(&listener);
  CHECK(stream.state().messages == 60);

  CHECK_FALSE(stream.get({12}));
  CHECK(rig.streams->next_deadline() == Instant{});
  // Nobody passes over it before all have been told.
  CHECK(stream.next_for({}, {12}).unreadable == StreamSeq{12});
  CHECK(listener.removed.empty());

  const auto reported = rig.streams->drop_damaged();
  REQUIRE(reported.size() == 1);
  CHECK(reported[0].path.starts_with("streams/S/blocks/"));
  CHECK(reported[0].reason.ends_with("messages lost: 1"));
  CHECK(listener.removed == std::vector<std::pair<std::uint64_t, std::string>>{{12, "s.2"}});
  CHECK(stream.state().messages == 59);
  CHECK(stream.state().deleted == 1);
  CHECK(stream.next_for({}, {12})->sequence == StreamSeq{13});
  CHECK(rig.streams->next_deadline() > rig.now);
  CHECK(rig.streams->drop_damaged().empty());
  stream.remove_listener(&listener);
}

TEST_CASE("the last of a subject is the one before, where the last is damaged") {
  Damaged rig;
  rig.now += std::chrono::hours(1);
  rig.flip(38);
  rig.flip(48);
  rig.flip(58);
  rig.open();
  CHECK(rig.stream().last_for("s.8")->sequence == StreamSeq{28});
  rig.streams->drop_damaged();
  CHECK(rig.stream().last_for("s.8")->sequence == StreamSeq{28});
}

TEST_CASE("what was lost may be published again under its id") {
  Damaged rig;
  stream::Stream& stream = rig.stream();
  CHECK(rig.publish(stream, "s.1", "x", "Nats-Msg-Id: id12").duplicate);
  rig.flip(12);
  rig.open();  // Reads what the window has: it is found at once.
  CHECK(rig.streams->drop_damaged().size() == 1);
  CHECK(rig.stream().state().messages == 59);
  CHECK_FALSE(rig.publish(rig.stream(), "s.1", body(12), "Nats-Msg-Id: id12").duplicate);
  CHECK(rig.publish(rig.stream(), "s.1", "x", "Nats-Msg-Id: id13").duplicate);
  rig.commit();
  // And when it is found later.
  rig.flip(13);
  rig.open();
  rig.streams->drop_damaged();
  CHECK_FALSE(rig.publish(rig.stream(), "s.1", body(13), "Nats-Msg-Id: id13").duplicate);
}

TEST_CASE("a start reads for the duplicate window only blocks in which a message has a header") {
  const bool headers = GENERATE(false, true);
  Rig rig;
  stream::Stream& s = rig.make(R"({"name":"S","subjects":["s.*"]})");
  const std::string payload(100'000, 'p');
  for (int i = 0; i < 100; ++i) {
    const std::string id = "Nats-Msg-Id: " + std::to_string(i);
    REQUIRE_FALSE(rig.publish(s, "s.x", payload, headers ? id : std::string()).error);
    if (i % 5 == 4) rig.commit();
  }
  // A full block: whoever looks at its records finds damage.
  std::string& block = rig.files.files["streams/S/blocks/1.blk"];
  REQUIRE(block.size() > 4'000'000);
  block[2'000'000] ^= 1;
  CHECK(rig.open().empty());
  CHECK(rig.streams->drop_damaged().empty() == !headers);
  CHECK(rig.streams->find("S")->state().messages == (headers ? 99 : 100));
}
