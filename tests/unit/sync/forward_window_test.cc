// How much is in flight: what the link carries, bounded, and no more after a refusal.

#include "sync/forward/forward_window.h"

#include "base/limits.h"
#include "outbound.h"

#include <algorithm>

namespace frond::sync {
namespace {

using base::forward_window_bytes;
using base::forward_window_bytes_first;
using base::forward_window_bytes_step;
using base::forward_window_messages;

/// A round of a sender that always has more to send than it may.
void round(ForwardWindow& window, std::int64_t& now, std::int64_t trip) {
  window.limits();
  const Instant sent = at_ms(now);
  now += trip;
  window.acked(sent, at_ms(now));
}

TEST_CASE("a window begins with one message and doubles while round trips stay as they are") {
  ForwardWindow window(forward_window_messages);
  std::int64_t now = 0;
  window.begin(at_ms(now));
  CHECK_FALSE(window.full(0, 0));
  CHECK(window.full(1, 1));
  window.acked(at_ms(-100), at_ms(0));  // Before the round: no end of it.
  CHECK_FALSE(window.full(1, 1));
  CHECK_FALSE(window.full(forward_window_messages - 1, forward_window_bytes_first - 1));
  CHECK(window.full(1, forward_window_bytes_first));
  CHECK(window.full(forward_window_messages, 1));
  round(window, now, 100);
  CHECK(window.bytes() == 2 * forward_window_bytes_first);
  round(window, now, 120);  // A little later is no queue.
  CHECK(window.bytes() == 4 * forward_window_bytes_first);
  for (int i = 0; i < 20; ++i) {
    round(window, now, 100);
  }
  CHECK(window.bytes() == forward_window_bytes);
}

TEST_CASE("a sender that has nothing more to send does not grow its window") {
  ForwardWindow window(forward_window_messages);
  window.begin(at_ms(0));
  for (std::int64_t now = 0; now < 1000; now += 100) {
    window.acked(at_ms(now), at_ms(now + (now % 200 == 0 ? 100 : 900)));
  }
  CHECK(window.bytes() == forward_window_bytes_first);
}

TEST_CASE("where a queue forms the window keeps what the link carries and a step") {
  // 1 MB a second, 100 ms away: what is more than 100 KB in flight waits.
  ForwardWindow window(forward_window_messages);
  window.begin(at_ms(0));
  std::int64_t now = 0;
  round(window, now, 100);
  for (int i = 0; i < 100; ++i) {
    round(window, now,
          std::max<std::int64_t>(100, static_cast<std::int64_t>(window.bytes() / 1000)));
  }
  CHECK(window.bytes() > 100'000);
  CHECK(window.bytes() < 150'000 + 25'000 + 2 * forward_window_bytes_step);
}

TEST_CASE("after a refusal little is sent, and slowly more") {
  ForwardWindow window(forward_window_messages);
  window.begin(at_ms(0));
  std::int64_t now = 0;
  for (int i = 0; i < 5; ++i) {
    round(window, now, 100);
  }
  window.refused();
  window.hold_back(at_ms(now));
  CHECK(window.full(1, 1));
  round(window, now, 100);
  CHECK(window.bytes() == 2 * forward_window_bytes_step);
  round(window, now, 100);
  CHECK(window.bytes() == 3 * forward_window_bytes_step);
  window.begin(at_ms(now));
  CHECK(window.bytes() == forward_window_bytes_first);
}

TEST_CASE("a user's window is a bound for messages") {
  ForwardWindow window(1);
  window.begin(at_ms(0));
  window.acked_again();
  CHECK_FALSE(window.full(0, 0));
  CHECK(window.full(1, 1));
}

// --- The forwarder in it ---------------------------------------------------------------------

/// Lets everything that is under way arrive, as after one round trip.
void round_trip(Outbound& o, std::int64_t& now, std::int64_t trip = 100) {
  now += trip;
  o.w.now = at_ms(now);
  for (std::size_t under_way = o.w.queue.size(); under_way > 0; --under_way) {
    o.w.carry();
  }
  for (int i = 0; i < 3; ++i) {
    o.forward->tick(o.w.now);
    o.w.commit();
  }
}

TEST_CASE("ten thousand messages at 100 ms are up in less than a second") {
  Outbound o("ord.>", "999999999");
  const std::string payload(230, 'x');
  for (int i = 0; i < 10'000; ++i) {
    o.put(payload);
  }
  o.forward->up(at_ms(0));
  std::int64_t now = 0;
  round_trip(o, now, 0);
  std::uint64_t most = 0;
  while (now < 3'000 && o.forward->status().queued > 0) {
    round_trip(o, now);
    most = std::max(most, o.forward->status().in_flight);
  }
  CHECK(now <= 900);  // Three of the round trips find the stream and try it with one message.
  CHECK(most > 3'000);
  CHECK(most <= forward_window_messages);
  CHECK(o.hub().size() == 10'000);
  CHECK(o.w.calls.size() == 2);  // Nothing was in doubt.
}

TEST_CASE("of the messages that are acked ahead of a lost ack no more are kept than a window") {
  Outbound o("ord.>", "999999999");
  o.put("a");
  o.up(0);
  for (int i = 0; i < 10'000; ++i) {
    o.put("b");
  }
  o.w.lose_acks = 1;
  std::int64_t now = 0;
  while (now < 4'000) {
    o.w.commit();
    round_trip(o, now);
  }
  CHECK(o.forward->status().in_flight == 1);
  CHECK(o.hub().size() == forward_window_messages + 1);
  o.run_all(5'200);
  CHECK(o.forward->status().queued == 0);
  CHECK(o.hub().size() == 10'001);
}

TEST_CASE("acks that come slowly, but in order, leave nothing in doubt") {
  Outbound o;
  o.put("a");
  o.up(0);
  const std::size_t calls = o.w.calls.size();
  for (int i = 0; i < 8; ++i) {
    o.put("b");
  }
  o.forward->tick(at_ms(1));
  for (std::int64_t now = 4'000; now <= 32'000; now += 4'000) {
    o.w.now = at_ms(now);
    o.w.carry();
    o.forward->tick(at_ms(now));
  }
  CHECK(o.forward->status().queued == 0);
  CHECK(o.w.calls.size() == calls);
}

TEST_CASE("a thousand refusals at once are one failure") {
  Outbound o("ord.>", "1000");
  o.put("a");
  o.up(0);
  const std::string full =
      R"({"error":{"code":429,"err_code":10167,"description":"too many requests"},"stream":"HUB"})";
  o.w.refusals.assign(500, full);
  for (int i = 0; i < 1'000; ++i) {
    o.put(std::to_string(i));
  }
  o.run_all(10);
  CHECK(o.forward->status().queued > 0);
  CHECK(o.forward->status().last_error == "too many requests");
  o.run_all(1'020);
  CHECK(o.forward->status().queued == 0);
  CHECK(o.forward->status().refused == 0);
  CHECK(o.hub().size() == 1'001);
}

TEST_CASE("sending does not wait for the claims of what follows") {
  Outbound o("ord.>", "999999999");
  for (std::uint64_t i = 0; i < 2 * base::forward_claim_messages; ++i) {
    o.put("a");
  }
  o.up(0, 300'000);
  CHECK(o.forward->status().queued == 0);
  int commits = 0;
  for (std::uint64_t i = 0; i < base::forward_claim_messages; ++i) {
    o.put("b");
  }
  // A storage that is busy: nothing of this becomes durable.
  while (!o.w.queue.empty() || commits == 0) {
    o.forward->tick(at_ms(10));
    if (!o.w.queue.empty()) {
      o.w.carry();
    }
    ++commits;
  }
  CHECK(o.hub().size() > 2 * base::forward_claim_messages);
}

}  // namespace
}  // namespace frond::sync
