// The pure parts of two-way sync: what a value of the hub means, headers, what is remembered, and
// the order of open writes.

#include "sync/two_way/two_way_rules.h"
#include "sync/two_way/open_writes.h"
#include "sync/two_way/two_way_state.h"
#include "wire/headers.h"

#include <catch2/catch.hpp>

namespace frond::sync {
namespace {

using enum ConflictPolicy;
constexpr Verdict known = Verdict::known, store = Verdict::store, top = Verdict::top;

TEST_CASE("what a value of the hub means for the local one") {
  const Standing nothing{};
  const Standing clean{.here = true};
  const Standing open{.here = true, .open = true};
  Standing had = clean, open_had = open, open_same = open, stranger = clean;
  had.had = open_had.had = open_same.same = true;
  stranger.unknown = true;
  for (const ConflictPolicy policy : {hub_order, hub_wins, local_wins, ask}) {
    CHECK(judge(nothing, policy) == store);
    CHECK(judge(clean, policy) == store);
    CHECK(judge(had, policy) == known);
    CHECK(judge(open_had, policy) == top);
    CHECK(judge(open_same, policy) == store);
  }
  CHECK(judge(open, hub_order) == top);
  CHECK(judge(open, local_wins) == top);
  CHECK(judge(open, hub_wins) == store);
  CHECK(judge(open, ask) == Verdict::ask);
  CHECK(judge(stranger, hub_order) == top);
  CHECK(judge(stranger, hub_wins) == store);
  stranger.hub_newer = true;
  CHECK(judge(stranger, hub_order) == store);
  CHECK(judge(stranger, local_wins) == top);
  stranger.same = true;
  CHECK(judge(stranger, local_wins) == known);
}

TEST_CASE("a message from the hub is known by its mark, and a copy of it is not") {
  stream::StreamConfig config;
  config.allow_rollup_hdrs = true;
  const std::string header = header_from_hub(
      "NATS/1.0\r\nA: b\r\nNats-Msg-Id: x\r\nNats-Expected-Stream: S\r\nNats-TTL: 5\r\n"
      "Nats-Rollup: sub\r\nKV-Operation: PURGE\r\n\r\n",
      {7}, {{42}, "abc"}, config);
  CHECK(header ==
        "NATS/1.0\r\nA: b\r\nNats-Rollup: sub\r\nKV-Operation: PURGE\r\nFrond-Msg-Id: x\r\n"
        "Frond-Sync: 42 7 abc\r\n\r\n");
  stream::StoredMessage message{
      .sequence = {7}, .time = {}, .subject = "s", .header = header, .payload = {}};
  REQUIRE(hub_mark(message));
  CHECK(hub_mark(message)->hub == StreamSeq{42});
  CHECK(hub_mark(message)->lineage == "abc");
  message.sequence = {8};
  CHECK_FALSE(hub_mark(message));
  CHECK(header_to_hub(header, "id", {3}).find("Frond-Sync") == std::string::npos);
  CHECK(header_from_hub("NATS/1.0\r\nNats-Rollup: all\r\n\r\n", {1}, {{1}, "l"}, config)
            .find("Nats-Rollup") == std::string::npos);
}

TEST_CASE("what the hub says its last sequence is") {
  CHECK(actual_last_sequence("wrong last sequence: 17") == StreamSeq{17});
  CHECK_FALSE(actual_last_sequence("wrong last sequence"));
  CHECK_FALSE(actual_last_sequence("wrong last sequence: x"));
}

TEST_CASE("what a working copy remembers is read back, and nothing else is taken for it") {
  TwoWayState state;
  state.stream_identity = "i";
  state.settings = "hub S $KV.a.>";
  state.lineage = "abcdefgh";
  state.position = {90};
  state.open = {{3}, {4}, {5}, {9}};
  state.ahead = {{12}};
  state.looks = {"$KV.a.x"};
  state.compare = false;
  state.surplus = -2;
  const auto read = two_way_state_parse(two_way_state_json(state));
  REQUIRE(read);
  CHECK(two_way_state_json(*read) == two_way_state_json(state));
  CHECK(read->open == state.open);
  CHECK(read->surplus == -2);
  for (const char* bad : {"", "{", "[]", R"({"open":"5-3"})", R"({"open":"3,2"})",
                          R"({"open":"1-99999999999"})", R"({"open":"x"})", R"({"looks":1})"}) {
    CAPTURE(bad);
    CHECK_FALSE(two_way_state_parse(bad));
  }
}

TEST_CASE("writes of one subject go one after the other, on top of what is known") {
  OpenWrites open;
  const auto add = [&](std::uint64_t sequence, const char* subject) {
    OpenWrite write;
    write.sequence = {sequence};
    write.subject = subject;
    open.add(write);
  };
  add(5, "x");
  add(7, "x");
  add(6, "y");
  add(5, "z");  // Is there.
  REQUIRE(open.size() == 3);
  CHECK_FALSE(open.find({5})->behind);
  CHECK_FALSE(open.find({6})->behind);
  CHECK(open.find({7})->behind);
  open.sent(*open.find({5}), 100, {});
  open.find({5})->held = {44};
  CHECK(open.in_flight() == 1);
  open.remove({5}, {43});
  CHECK(open.in_flight() == 0);
  CHECK(open.bytes_in_flight() == 0);
  CHECK_FALSE(open.find({7})->behind);
  CHECK(open.find({7})->expected == StreamSeq{44});
  add(3, "x");
  CHECK(open.find({7})->behind);
  open.remove_all("x");
  CHECK(open.size() == 1);
}

}  // namespace
}  // namespace frond::sync
