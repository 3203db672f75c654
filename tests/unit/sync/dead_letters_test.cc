// What the hub refuses for good: kept once, before it is passed over, whatever happens in between.

#include "sync/dead_letters.h"

#include "outbound.h"

namespace frond::sync {
namespace {

const std::string too_large =
    R"({"error":{"code":400,"err_code":10054,"description":"message size exceeds maximum allowed"}})";

TEST_CASE("a dead letter has its headers, but none that would act where it is kept") {
  FakeStream from;
  from.settings.name = "ORD";
  const auto header = [&from](std::string_view given, const stream::ApiError& why) {
    return dead_letter_header({from, {{7}, {}, "ord.a", given, "x"}, "id-1", "sent-1", why});
  };
  CHECK(header("NATS/1.0\r\nK: V\r\nNats-Msg-Id: app\r\nNats-Rollup: sub\r\n"
               "Nats-Expected-Last-Sequence: 4\r\n\r\n",
               {400, 10054, "too\r\nlarge"}) ==
        "NATS/1.0\r\nK: V\r\nFrond-Msg-Id: app\r\nFrond-Rollup: sub\r\nNats-Msg-Id: id-1\r\n"
        "Frond-Sent-As: sent-1\r\nFrond-Subject: ord.a\r\nFrond-Error-Code: 10054\r\n"
        "Frond-Error: too  large\r\n\r\n");
  CHECK(header({}, {403, 0, "no"}) ==
        "NATS/1.0\r\nNats-Msg-Id: id-1\r\nFrond-Sent-As: sent-1\r\nFrond-Subject: ord.a\r\n"
        "Frond-Error-Code: 403\r\nFrond-Error: no\r\n\r\n");
}

TEST_CASE("a refused message is not passed over before it is safe among the dead letters") {
  Outbound o;
  o.put("before");
  o.up(0);
  o.w.refusals = {too_large, too_large};
  o.put("a");
  o.forward->tick(at_ms(2));
  o.w.now = at_ms(2);
  while (!o.w.queue.empty()) o.w.carry();
  CHECK(o.forward->status().refused == 0);
  SECTION("its commit fails") {
    REQUIRE(o.w.lose_commit());
    CHECK(o.w.letters().empty());
    CHECK(o.forward->status().queued == 1);
    o.run(2'000);
  }
  SECTION("the process dies before the commit") {
    o.w.lose_commit();
    o.restart();
    o.up(2'000);
  }
  SECTION("the process dies after the commit, before it has saved that") {
    o.w.commit();
    o.restart();
    o.up(2'000);
  }
  CHECK(o.forward->status().queued == 0);
  CHECK(o.hub() == Payloads{"before"});
  CHECK(o.w.letters() == Payloads{"$FROND.REFUSED.ORD.2.ord.1=a"});
}

TEST_CASE("while the letters are full nothing is passed over") {
  Outbound o;
  o.up(0);
  stream::StreamConfig full;
  full.name = "ORD_REFUSED";
  full.subjects = {"$FROND.REFUSED.ORD.>"};
  full.max_msgs = 1;
  full.discard = stream::Discard::newest;
  REQUIRE_FALSE(o.w.own_streams.create(full, at_ms(0)).error);
  o.w.refusals = {too_large, too_large, too_large};
  o.put("a");
  o.put("b");
  o.run(1);
  CHECK(o.forward->status().refused == 1);
  CHECK(o.forward->status().queued == 1);
  CHECK(o.forward->status().last_error ==
        "cannot keep a refused message: maximum messages exceeded");
  o.w.own_streams.find("ORD_REFUSED")->purge({}, at_ms(2));
  o.run(40'000);
  CHECK(o.forward->status().refused == 2);
  CHECK(o.forward->status().queued == 0);
  CHECK(o.w.letters() == Payloads{"$FROND.REFUSED.ORD.2.ord.1=b"});
}

TEST_CASE("100,000 that may not be published become letters, and what may flows") {
  Outbound o;
  o.w.denied_space = "ord.secret";
  const int many = 100'000;
  const std::string payload(100, 'x');
  for (int i = 0; i < many; ++i) {
    o.w.stream.ingest({i % 1000 == 999 ? "ord.1" : "ord.secret", {}, {}, payload}, at_ms(0));
  }
  o.w.stream.durable = o.w.stream.last;
  o.tell();
  o.forward->up(at_ms(0));
  std::uint64_t most = 0;
  for (int i = 0; i < 100'000 && o.forward->status().queued > 0; ++i) {
    o.w.now = at_ms(1);
    o.forward->tick(at_ms(1));
    if (const stream::Stream* letters = o.w.own_streams.find("ORD_REFUSED")) {
      most = std::max(most, letters->state().last.value - letters->durable_last().value);
    }
    o.w.commit();
    while (!o.w.queue.empty()) o.w.carry();
  }
  CHECK(o.forward->status().refused == many - many / 1000);
  CHECK(o.hub().size() == many / 1000);
  CHECK(o.w.own_streams.find("ORD_REFUSED")->state().messages == many - many / 1000);
  CHECK(most <= base::forward_window_messages + 2);
}

TEST_CASE(
    "what may be at the hub and may not be looked for there is kept and told, not sent again") {
  Outbound o;
  o.w.denied_space = "$JS.hub.API.";
  o.up(0);
  o.put("a");
  for (std::int64_t ms = 0; o.hub().empty(); ms += 500) o.run(ms);
  o.w.lose_acks = 1;
  o.put("b");
  o.run(20'000);
  REQUIRE(o.hub() == Payloads{"a", "b"});
  SECTION("of this life") { o.down(20'010); }
  SECTION("of an earlier life") { o.restart(); }
  o.put("c");
  std::int64_t now = 86'400'000;
  for (o.up(now); now < 86'400'000 + 60'000; now += 500) o.run(now);
  CHECK(o.forward->status().queued == 0);
  CHECK(o.forward->status().in_doubt == 0);
  CHECK(o.hub() == Payloads{"a", "b", "c"});
  CHECK(o.w.letters() == Payloads{"$FROND.REFUSED.ORD.2.ord.1=b"});
  CHECK(o.w.dead_letters.why("ORD", {2})->find("no right") != std::string::npos);
}

}  // namespace
}  // namespace frond::sync
