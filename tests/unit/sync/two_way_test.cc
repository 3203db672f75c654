// Two-way sync of single values: what goes up, what comes down, conflicts, and what has become of
// the hub meanwhile.

#include "two_way_world.h"

namespace frond::sync {
namespace {

TEST_CASE("local writes go up, the hub's come down, and own ones are not stored twice") {
  TwoWayWorld w(2);
  w.connect();
  w[0].write("x", "1");
  w.put("y", "hub");
  w.rest();
  CHECK(w.at_hub("x") == "1");
  CHECK(w[1].value("x") == "1");
  CHECK(w[0].value("y") == "hub");
  CHECK(w[0].stream().state().last.value == 2);
  CHECK(w[1].stream().state().last.value == 2);
  CHECK(w.hub.last == 2);
  w[0].write("x", "-", purge_marker);
  w.rest();
  CHECK(w.at_hub("x") == "-");
  CHECK(w[1].value("x") == "-");
}

TEST_CASE("what was written offline goes up when the hub is there, the last of each subject") {
  TwoWayWorld w(2);
  for (int i = 0; i < 5; ++i) w[0].write("x", "x" + std::to_string(i));
  w[0].write("z", "z");
  w.put("y", "hub");
  w.rest();
  w.connect();
  w.rest();
  CHECK(w.hub.stored == std::map<std::string, int>{{"x4", 1}, {"z", 1}, {"hub", 1}});
  CHECK(w[1].value("x") == "x4");
}

TEST_CASE("a restart in the middle sends nothing twice and loses nothing") {
  TwoWayWorld w(2);
  for (int i = 0; i < 20; ++i) w[0].write("k" + std::to_string(i), "v" + std::to_string(i));
  w.connect();
  for (int i = 0; i < 40; ++i) w.busy();
  w[0].crash(0, 0);
  w.connect();
  w.rest();
  for (int i = 0; i < 20; ++i) {
    CHECK(w.hub.stored["v" + std::to_string(i)] == 1);
    CHECK(w[1].value("k" + std::to_string(i)) == "v" + std::to_string(i));
  }
}

TEST_CASE("writes displaced while the first is under way do not hold up the last") {
  TwoWayWorld w(1);
  w.connect();
  w.rest();
  for (const char* value : {"1", "2", "3"}) {
    w[0].write("x", value);
    w[0].commit();
    w[0].tick();
  }
  w.rest();
  CHECK(w.at_hub("x") == "3");
  CHECK(w.hub.stored == std::map<std::string, int>{{"1", 1}, {"3", 1}});
}

TEST_CASE("whose value counts when both sides have written") {
  struct Row {
    const char* policy;
    const char* ends;
  };
  for (const Row row : {Row{"", "mine"}, Row{"hub-order", "mine"}, Row{"local-wins", "mine"},
                        Row{"hub-wins", "theirs"}}) {
    CAPTURE(row.policy);
    TwoWayWorld w(2, row.policy);
    w.connect();
    w.put("x", "base");
    w.rest();
    w[0].disconnect();
    w[0].write("x", "mine");
    w.put("x", "theirs");
    w.rest();
    CHECK(w[0].value("x") == "mine");
    w.connect();
    w.rest();
    CHECK(w.at_hub("x") == row.ends);
    CHECK(w[0].value("x") == row.ends);
    CHECK(w[1].value("x") == row.ends);
  }
}

TEST_CASE("a write on top of what has come down is no conflict, also after a restart") {
  TwoWayWorld w(1, "hub-wins");
  w.connect();
  w.put("x", "theirs");
  w.rest();
  w[0].write("x", "mine");
  w[0].tick();
  w[0].commit();
  w[0].crash(0, 0);
  w.connect();
  w.rest();
  CHECK(w.at_hub("x") == "mine");
  CHECK(w[0].value("x") == "mine");
}

TEST_CASE("the app is asked, with both values and what was there before") {
  TwoWayWorld w(2, "ask", 5);
  w.connect();
  w.put("x", "base");
  w.rest();
  w[0].disconnect();
  w[0].write("x", "mine");
  w.put("x", "theirs");
  w.connect();
  w.rest();
  CHECK(w.at_hub("x") == "theirs");
  CHECK(w[0].value("x") == "mine");
  CHECK(w[0].way->status().last_error == "nobody answers $FROND.CONFLICT.KV_a");
  w[0].crash(0, 0);  // The question survives.
  w[0].asked_is_there = true;
  w.connect();
  for (int i = 0; i < 200 && w[0].told.empty(); ++i) w.busy();
  REQUIRE_FALSE(w[0].told.empty());
  const Packet question = w[0].told.front();
  wire::Json json;
  REQUIRE(wire::parse_json(question.payload, json).empty());
  CHECK(json["subject"] == "$KV.a.x");
  const auto data = [&](const char* side) {
    return base::base64_decode(json[side]["data"].get<std::string>()).value_or("?");
  };
  CHECK(data("local") == "mine");
  CHECK(data("hub") == "theirs");
  CHECK(data("base") == "base");
  w[0].give({question.reply, question.reply, {}, {}, "both"});
  w.rest();
  CHECK(w.at_hub("x") == "both");
  CHECK(w[0].value("x") == "both");
  CHECK(w[1].value("x") == "both");
}

TEST_CASE("an answer is not taken when the hub's value has changed since the question") {
  TwoWayWorld w(1, "ask");
  w[0].asked_is_there = true;
  w[0].write("x", "mine");
  w.put("x", "first");
  w.connect();
  for (int i = 0; i < 200 && w[0].told.empty(); ++i) w.busy();
  REQUIRE_FALSE(w[0].told.empty());
  const Packet question = w[0].told.front();
  w.put("x", "second");
  for (int i = 0; i < 20; ++i) w.busy();
  w[0].give({question.reply, question.reply, {}, {}, "merged of the first"});
  w.rest(3000);
  CHECK(w.at_hub("x") == "second");
  REQUIRE(w[0].told.size() > 1);
  w[0].give({w[0].told.back().reply, w[0].told.back().reply, {}, {}, "merged of the second"});
  w.rest();
  CHECK(w.at_hub("x") == "merged of the second");
}

TEST_CASE("what the hub has removed without a word while a device was away goes here, too") {
  TwoWayWorld w(2);
  w.connect();
  w[0].write("x", "1");
  w[0].write("y", "1");
  w.rest();
  w[1].disconnect();
  w[0].write("x", "", del_marker);
  w.rest();
  w.hub.purge("$KV.a.x");
  w.put("z", "new");
  w.connect();
  w.rest();
  CHECK(w[1].value("x") == "-");
  CHECK(w[1].value("y") == "1");
  CHECK(w[1].value("z") == "new");
}

TEST_CASE("a device that was away for a month while the hub's stream was trimmed") {
  TwoWayWorld w(2);
  w.connect();
  const auto key = [](int i) { return "k" + std::to_string(i); };
  for (int i = 0; i < 20; ++i) w.put(key(i), "old");
  w.rest();
  w[1].disconnect();
  w[1].write("mine", "offline");
  w[1].write(key(19), "offline");
  w[1].commit();
  w.pass(std::int64_t{30} * 24 * 3600 * 1000);
  w.hub.ids.clear();  // Its duplicate window is over.
  ++w.hub.run;
  for (int i = 0; i < 5; ++i) w.hub.purge("$KV.a." + key(i));
  for (int round = 0; round < 30; ++round) {
    for (int i = 10; i < 20; ++i) w.put(key(i), "new" + std::to_string(round));
  }
  w.rest();
  w[0].disconnect();  // What is purged is found once on each link.
  w[1].crash(0, 0);
  w.connect();
  w.rest();
  CHECK(w.hub.stored["offline"] == 2);
  for (int i = 0; i < 20; ++i) {
    CAPTURE(i);
    CHECK(w[1].value(key(i)) == (i < 5 ? "-" : i < 10 ? "old" : i < 19 ? "new29" : "offline"));
    CHECK(w[0].value(key(i)) == w[1].value(key(i)));
  }
  CHECK(w[0].value("mine") == "offline");
}

TEST_CASE("a hub that was made again is filled from the devices, and the newer value counts") {
  TwoWayWorld w(2);
  w.connect();
  w[0].write("x", "1");
  w[0].write("y", "1");
  w.rest();
  for (auto& device : w.devices) device->disconnect();
  w.hub.make_again();
  w.pass(1000);
  w.put("y", "2");
  w.connect();
  w.rest();
  CHECK(w.at_hub("x") == "1");
  CHECK(w.at_hub("y") == "2");
  CHECK(w[0].value("y") == "2");
  CHECK(w[1].value("y") == "2");
}

TEST_CASE("a hub that has lost its end gets back what was there, also when it has gone on") {
  TwoWayWorld w(2);
  w.connect();
  w[0].write("x", "1");
  w.rest();
  w[0].write("x", "2");
  w[0].write("y", "1");
  w.rest();
  for (auto& device : w.devices) device->disconnect();
  w.hub.lose_end(2);
  for (int i = 0; i < 9; ++i) w.put("other" + std::to_string(i), "new");
  w.connect();
  w.rest();
  CHECK(w.at_hub("y") == "1");
  CHECK(w[1].value("other8") == "new");
  CHECK(w[0].value("x") == w.at_hub("x"));
  CHECK(w[1].value("x") == w.at_hub("x"));
}

TEST_CASE("a hub that lost its end and went on gets back what it lost, also unproved by its log") {
  // One message a subject: that at the devices' position is replaced, and nothing shows at once
  // that it was there.
  TwoWayWorld w(2);
  w.connect();
  w.put("x", "1");
  w.put("lost", "1");
  w.put("y", "1");
  w.rest();
  for (auto& device : w.devices) device->disconnect();
  w.hub.lose_end(3);
  w.pass(1000);
  for (const char* key : {"y", "x", "x", "x"}) w.put(key, "2");
  w.connect();
  w.rest();
  for (std::size_t d = 0; d < 2; ++d) {
    CHECK(w[d].value("lost") == "1");
    CHECK(w[d].value("x") == "2");
    CHECK(w[d].value("y") == "2");
  }
  CHECK(w.at_hub("lost") == "1");
}

TEST_CASE("a hub that was only started again is not taken for one that has lost something") {
  TwoWayWorld w(2);
  w.connect();
  w.put("x", "1");
  w.put("gone", "1");
  w.rest();
  for (auto& device : w.devices) device->disconnect();
  ++w.hub.run;
  w.hub.purge("$KV.a.gone");
  w.put("x", "2");
  w.connect();
  w.rest();
  CHECK(w.at_hub("gone").empty());
  CHECK(w[0].value("gone") == "-");
  CHECK(w[1].value("x") == "2");
}

TEST_CASE("a commit that was half done brings no write before the time of its policy") {
  // In the torn commit an unsent write is displaced by another, and the state says so already.
  for (std::size_t whole = 0; whole < 6; ++whole) {
    CAPTURE(whole);
    TwoWayWorld w(1);
    w.connect();
    w.put("x", "base");
    w.rest();
    w[0].denied = true;
    w[0].write("x", "mine");
    w.rest(1000);
    w[0].write("x", "mine too");
    w[0].tick();
    w[0].crash(whole, 0);
    w.pass(1000);
    w.put("x", "theirs");
    w[0].denied = false;
    w.connect();
    w.rest();
    CHECK(w.at_hub("x").starts_with("mine"));
    CHECK(w[0].value("x") == w.at_hub("x"));
  }
}

TEST_CASE("each message says whether the hub has it") {
  TwoWayWorld w(1);
  w.connect();
  w.put("theirs", "1");
  w[0].write("mine", "1");
  w.rest();
  const auto state = [&w](std::uint64_t sequence) { return w[0].way->message({sequence}); };
  CHECK(state(1).state == "stored");
  CHECK(state(2).state == "stored");
  CHECK(state(2).hub_sequence == StreamSeq{1});
  CHECK(state(3).state.empty());
  w[0].write("mine", "2");
  w[0].commit();
  CHECK(state(3).state == "queued");
  w[0].tick();
  CHECK(state(3).state == "sent");
  w.rest();
  CHECK(state(3).state == "stored");
  CHECK(state(3).hub_sequence == StreamSeq{3});
}

TEST_CASE("what the hub refuses for good gives way to the hub's value") {
  TwoWayWorld w(1);
  w.connect();
  w.put("x", "theirs");
  w.rest();
  w.hub.refuse = R"({"error":{"code":400,"err_code":10054,"description":"message size exceeds"}})";
  w[0].write("x", "too large");
  w.rest(1000);
  w.hub.refuse.clear();
  w.rest();
  CHECK(w[0].value("x") == "theirs");
  CHECK(w[0].way->status().refused == 1);
  stream::Stream* letters = w[0].streams->find("KV_a_REFUSED");
  REQUIRE(letters != nullptr);
  CHECK(letters->last_for(">")->payload == "too large");
}

TEST_CASE("no right to publish holds writes back until there is one") {
  TwoWayWorld w(1);
  w.connect();
  w.rest();
  w[0].write("x", "mine");
  w[0].commit();
  w[0].denied = true;
  w.rest(1000);
  CHECK(w[0].way->status().last_error.starts_with("Permissions Violation"));
  w[0].denied = false;
  w.rest();
  CHECK(w.at_hub("x") == "mine");
}

}  // namespace
}  // namespace frond::sync
