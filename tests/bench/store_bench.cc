// The store without its host: ingest, get, and opening a stream of 100,000 messages.

#include "stream/config_json.h"
#include "support/streams_node.h"

#include <benchmark/benchmark.h>
#include <memory>
#include <string>

using namespace frond;

namespace {

constexpr std::uint64_t messages = 100'000;

struct Node : test::StreamsNode {
  Node() : StreamsNode(true) {}

  stream::Stream& make() {
    return *streams
                .create(
                    stream::parse_stream_config(R"({"name":"S","subjects":["orders.>"]})").config,
                    now)
                .stream;
  }
};

void fill(Node& node, stream::Stream& stream, std::uint64_t count, std::size_t size) {
  const std::string payload(size, 'x');
  for (std::uint64_t i = 0; i < count; ++i) {
    stream.ingest({"orders.eu." + std::to_string(i), {}, {}, payload}, node.now);
    if (i % 1000 == 999) {
      node.commit();
    }
  }
  node.commit();
}

void ingest_128(benchmark::State& state) {
  Node node;
  stream::Stream& stream = node.make();
  const std::string payload(128, 'x');
  std::uint64_t i = 0;
  for (auto _ : state) {
    stream.ingest({"orders.eu", {}, {}, payload}, node.now);
    if (++i % 1000 == 0) {
      node.commit();
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(i));
}
BENCHMARK(ingest_128)->Iterations(1'000'000);

void get_random(benchmark::State& state) {
  Node node;
  stream::Stream& stream = node.make();
  fill(node, stream, messages, 256);
  for (auto _ : state) {
    benchmark::DoNotOptimize(stream.get({1 + node.entropy.below(messages)}));
  }
}
BENCHMARK(get_random);

void last_for_subject(benchmark::State& state) {
  Node node;
  stream::Stream& stream = node.make();
  fill(node, stream, messages, 256);
  for (auto _ : state) {
    const std::string subject = "orders.eu." + std::to_string(node.entropy.below(messages));
    benchmark::DoNotOptimize(stream.last_for(subject));
  }
}
BENCHMARK(last_for_subject);

void open_100k(benchmark::State& state) {
  Node node;
  fill(node, node.make(), messages, 256);
  for (auto _ : state) {
    store::Journal journal;
    stream::Streams streams(journal, node.files, node.entropy, {}, node.clock);
    benchmark::DoNotOptimize(streams.recover(node.now));
  }
}
BENCHMARK(open_100k)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
