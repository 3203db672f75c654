// What waits to go out again: its order, and acks that come after all.
#include "bench.h"
#include "support/growth.h"

#include <catch2/catch.hpp>
#include <memory>

using namespace frond;
using namespace frond::bench;
using namespace std::chrono_literals;

namespace {

/// A consumer whose messages all wait to go out again, and their ack subjects.
struct Late {
  explicit Late(std::size_t count, consumer::AckPolicy policy) {
    for (std::size_t i = 0; i < count; ++i) b.stream.put("a.x", "m");
    consumer::ConsumerConfig config = Bench::pull();
    config.max_ack_pending = -1;
    config.ack_policy = policy;
    b.make(config);
    b.consumer->on_pull("r", std::to_string(count), b.now);
    while (replies.size() < count) {
      b.pump();
      for (const Sent& sent : b.outlet.take()) replies.push_back(sent.reply);
    }
    b.later(31s);
    b.outlet.interests.clear();
  }
  Bench b;
  std::vector<std::string> replies;
};

double growth_of_late_acks(consumer::AckPolicy policy, bool backwards) {
  return frond::test::growth(
      [=](std::size_t size) {
        auto late = std::make_shared<Late>(size, policy);
        if (backwards) std::ranges::reverse(late->replies);
        return [late] {
          for (const std::string& reply : late->replies) {
            late->b.consumer->on_ack({reply, {}, {}, {}}, late->b.now);
          }
          CHECK(late->b.consumer->info(late->b.now).ack_pending == 0);
        };
      },
      300);
}

}  // namespace

TEST_CASE("acks that come late, one by one, cost in proportion to their number") {
  CHECK(growth_of_late_acks(consumer::AckPolicy::explicit_ack, false) < frond::test::growth_max);
  CHECK(growth_of_late_acks(consumer::AckPolicy::explicit_ack, true) < frond::test::growth_max);
  CHECK(growth_of_late_acks(consumer::AckPolicy::all, false) < frond::test::growth_max);
}

TEST_CASE("an ack for a message that its stream has lost is none for the one in its place") {
  Bench b;
  for (int i = 0; i < 3; ++i) b.stream.put("a.x", "old");
  b.make(Bench::pull());
  b.ask(R"({"batch":10,"no_wait":true})");
  const std::vector<Sent> old = b.outlet.take("r");
  REQUIRE(old.size() >= 3);
  b.stream.messages.resize(1);
  b.stream.last = b.stream.durable = 1;
  b.tell_reloaded();
  b.pump();
  CHECK(b.consumer->info(b.now).delivered_stream == StreamSeq{1});
  CHECK(b.consumer->info(b.now).ack_pending == 1);
  for (int i = 0; i < 2; ++i) b.stream.put("a.x", "new");
  b.tell_messages();
  b.ask(R"({"batch":10,"no_wait":true})");
  const std::vector<Sent> fresh = b.outlet.take("r");
  REQUIRE(fresh.size() >= 2);
  CHECK(fresh[0].payload == "new");
  CHECK(b.consumer->info(b.now).ack_pending == 3);
  b.ack(old[1].reply);
  b.ack(old[2].reply, "+TERM");
  CHECK(b.consumer->info(b.now).ack_pending == 3);
  b.ack(old[0].reply);
  b.ack(fresh[0].reply);
  b.ack(fresh[1].reply);
  CHECK(b.consumer->info(b.now).ack_pending == 0);
}

TEST_CASE("what goes out again does so in the order in which it became due") {
  consumer::RedeliveryQueue queue;
  for (const std::uint64_t sequence : {5u, 3u, 9u, 3u, 1u}) queue.push({sequence});
  CHECK(queue.size() == 4);
  CHECK(queue.front() == StreamSeq{5});
  queue.remove({5});
  queue.remove({7});
  CHECK(queue.front() == StreamSeq{3});
  queue.push({5});
  queue.remove_up_to({3});
  CHECK(queue.front() == StreamSeq{9});
  queue.remove_above({8});
  CHECK(queue.front() == StreamSeq{5});
  CHECK_FALSE(queue.contains({9}));
  queue.clear();
  CHECK(queue.empty());
}
