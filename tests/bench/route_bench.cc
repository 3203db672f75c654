// How fast a message gets through parser, session and router, without any host: the engine's own
// share of the cost of a publish. Each benchmark reports messages per second as items_per_second.
#include "route/router.h"
#include "session/session.h"
#include "wire/parser.h"

#include <benchmark/benchmark.h>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace frond;

struct Random : Entropy {
  std::uint64_t state = 1;
  std::uint64_t next() override {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> 20;
  }
};

struct Counter : route::Sink {
  std::uint64_t count = 0;
  route::SinkKind kind() const override { return route::SinkKind::client; }
  void deliver(const route::Subscription&, const base::Message&, std::string_view) override {
    ++count;
  }
  bool forward(const base::Message&, std::string_view, bool,
               std::span<const std::string_view>) override {
    return true;
  }
};

void count_items(benchmark::State& state, std::uint64_t items) {
  state.SetItemsProcessed(static_cast<std::int64_t>(items));
}

/// One subject, the given number of receivers, results from the cache.
void router_fan_out(benchmark::State& state) {
  Random random;
  route::Router router(random);
  std::vector<std::unique_ptr<Counter>> sinks;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    router.subscribe(*sinks.emplace_back(std::make_unique<Counter>()), "orders.*");
  }
  const base::Message message{"orders.1", "", "", "payload"};
  std::uint64_t delivered = 0;
  for (auto _ : state) {
    delivered += router.publish({.message = message, .target = message.subject});
  }
  count_items(state, delivered);
}
BENCHMARK(router_fan_out)->Arg(1)->Arg(10)->Arg(1000);

/// Subjects that never repeat: every publish walks the trie, among many other subscriptions.
void router_cache_miss(benchmark::State& state) {
  Random random;
  route::Router router(random);
  Counter sink;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    router.subscribe(sink, "orders." + std::to_string(i) + ".*.done");
  }
  std::uint64_t i = 0;
  std::uint64_t delivered = 0;
  for (auto _ : state) {
    ++i;
    const std::string subject =
        "orders." + std::to_string(i % 1000) + "." + std::to_string(i) + ".done";
    const base::Message message{subject, "", "", "payload"};
    delivered += router.publish({.message = message, .target = subject});
  }
  count_items(state, delivered);
}
BENCHMARK(router_cache_miss)->Arg(1000)->Arg(100'000);

void router_queue_group(benchmark::State& state) {
  Random random;
  route::Router router(random);
  Counter sinks[3];
  for (Counter& sink : sinks) {
    router.subscribe(sink, "work", "group");
  }
  const base::Message message{"work", "", "", "payload"};
  std::uint64_t delivered = 0;
  for (auto _ : state) {
    delivered += router.publish({.message = message, .target = message.subject});
  }
  count_items(state, delivered);
}
BENCHMARK(router_queue_group);

/// A subscription on an inbox, one message to it, the end of the subscription.
void router_inbox_churn(benchmark::State& state) {
  Random random;
  route::Router router(random);
  Counter sink;
  router.subscribe(sink, "svc.>");
  std::uint64_t i = 0;
  std::uint64_t delivered = 0;
  for (auto _ : state) {
    const std::string inbox = "_INBOX.x." + std::to_string(++i);
    const route::SubscriptionId id = router.subscribe(sink, inbox);
    const base::Message message{inbox, "", "", "payload"};
    delivered += router.publish({.message = message, .target = inbox});
    router.unsubscribe(id);
  }
  count_items(state, delivered);
}
BENCHMARK(router_inbox_churn);

std::string publishes(std::size_t count, std::size_t payload_bytes) {
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) {
    bytes += "PUB orders.1 " + std::to_string(payload_bytes) + "\r\n" +
             std::string(payload_bytes, 'x') + "\r\n";
  }
  return bytes;
}

void parser_publish(benchmark::State& state) {
  const std::string bytes = publishes(1000, static_cast<std::size_t>(state.range(0)));
  wire::Parser parser(wire::Dialect::client, {});
  std::uint64_t messages = 0;
  for (auto _ : state) {
    std::string_view input = bytes;
    while (parser.next(input) == wire::Parser::Result::command) {
      ++messages;
    }
  }
  count_items(state, messages);
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes.size()) * state.iterations());
}
BENCHMARK(parser_publish)->Arg(16)->Arg(1024);

/// Client to client: bytes in, bytes out.
void session_one_to_one(benchmark::State& state) {
  Random random;
  Config config;
  config.pending_bytes_max = ~0ull;
  route::Router router(random);
  route::DirtyList dirty;
  const session::Node node{config, router, dirty, random, "N"};
  const Instant now{};
  session::Session publisher(ConnectionId(1), {}, node, now);
  session::Session subscriber(ConnectionId(2), {}, node, now);
  publisher.receive("CONNECT {\"verbose\":false,\"pedantic\":false}\r\n", now);
  subscriber.receive("CONNECT {\"verbose\":false}\r\nSUB orders.* 1\r\n", now);
  const std::string bytes = publishes(100, static_cast<std::size_t>(state.range(0)));
  std::size_t written = 0;
  for (auto _ : state) {
    publisher.receive(bytes, now);
    for (route::ConnectionOutput* output : dirty.take()) {
      const std::string taken = output->take();
      output->sent(taken.size());
      written += taken.size();
    }
  }
  benchmark::DoNotOptimize(written);
  count_items(state, subscriber.traffic().out_msgs);
}
BENCHMARK(session_one_to_one)->Arg(16)->Arg(1024);

}  // namespace

BENCHMARK_MAIN();
