// Queries over 100,000 documents of about 256 bytes, without the messages that carry the answer.

#include "query/query.h"
#include "query/scan.h"
#include "stream/config_json.h"
#include "support/streams_node.h"

#include <benchmark/benchmark.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

using namespace frond;

namespace {

constexpr std::uint64_t documents = 100'000;

struct Store : test::StreamsNode {
  Store() : StreamsNode(true) {
    constexpr std::string_view config =
        R"({"name":"S","subjects":["doc.>"],"metadata":{"frond.index":"city,age"}})";
    stream = streams->create(stream::parse_stream_config(config).config, now).stream;
    for (std::uint64_t i = 0; i < documents; ++i) {
      const std::string payload =
          R"({"id":)" + std::to_string(i) + R"(,"name":"document )" + std::to_string(i) +
          R"(","city":"city )" + std::to_string(i % 50) + R"(","age":)" + std::to_string(i % 97) +
          R"(,"active":)" + (i % 3 == 0 ? "true" : "false") + R"(,"tags":["t)" +
          std::to_string(i % 7) + R"(","u"],"text":")" + std::string(110, 'x') +
          R"(","place":{"lat":52.5,"lon":13.4},"price":)" + std::to_string(i % 1000) + ".25}";
      stream->ingest({"doc." + std::to_string(i % 100) + "." + std::to_string(i), {}, {}, payload},
                     now);
      if (i % 1000 == 999) commit();
    }
    commit();
  }
  stream::Stream* stream = nullptr;
};

void run(benchmark::State& state, const char* body, bool indexed = false) {
  static Store store;
  static query::Indexes indexes;
  if (indexed) {
    indexes.attach(*store.stream);
    while (indexes.pump()) {
    }
  }
  std::size_t rows_bytes = 0;
  for (auto _ : state) {
    auto query = std::make_unique<query::Query>();
    if (query::read_query(wire::Json::parse(body), *query)) state.SkipWithError("no query");
    query::Scan scan(std::move(query), *store.stream, indexed ? &indexes : nullptr);
    std::string rows;
    std::size_t work = 0;
    rows_bytes = 0;
    query::Scan::Step step{};
    do {
      step = scan.step(*store.stream, rows, work);
      rows_bytes += rows.size();
      rows.clear();
    } while (step != query::Scan::Step::done);
    scan.detach(*store.stream);
  }
  state.counters["row_bytes"] = static_cast<double>(rows_bytes);
  state.SetItemsProcessed(static_cast<std::int64_t>(documents * state.iterations()));
}

#define FROND_QUERY_BENCH(name, body) \
  BENCHMARK_CAPTURE(run, name, body)->Unit(benchmark::kMillisecond)

FROND_QUERY_BENCH(two_conditions, R"({"selector":{"age":{"$gte":90},"city":"city 7"}})");
BENCHMARK_CAPTURE(run, two_conditions_indexed,
                  R"({"selector":{"age":{"$gte":90},"city":"city 7"}})", true)
    ->Unit(benchmark::kMillisecond);
FROND_QUERY_BENCH(last_field, R"({"selector":{"price":7.25}})");
FROND_QUERY_BENCH(prefix_sorted_limited,
                  R"({"subject":"doc.7.>","sort":[{"age":"desc"}],"limit":20})");
FROND_QUERY_BENCH(all_sorted_limited, R"({"sort":[{"age":"desc"}],"limit":20})");

void build_index(benchmark::State& state) {
  static Store store;
  for (auto _ : state) {
    query::Indexes indexes;
    indexes.attach(*store.stream);
    while (indexes.pump()) {
    }
    state.counters["bytes"] =
        static_cast<double>(indexes.find(*store.stream)->all().front().bytes());
  }
}
BENCHMARK(build_index)->Unit(benchmark::kMillisecond);

FROND_QUERY_BENCH(count, R"({"selector":{"active":true},"count":true})");
FROND_QUERY_BENCH(group, R"({"group":{"by":["city"],"sum":["price"],"max":["age"]}})");
FROND_QUERY_BENCH(all_rows, R"({})");

}  // namespace

BENCHMARK_MAIN();
