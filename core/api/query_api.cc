// `$FROND.QUERY.<stream>`: what a query finds (core/query), in as many messages as its rows take,
// the last of which says "done". Whoever does not want the rest any more unsubscribes.

#include "api/call.h"
#include "api/handlers.h"
#include "api/live_api.h"
#include "api/stream_answer.h"
#include "base/limits.h"
#include "query/query.h"
#include "query/scan.h"
#include "stream/error_table.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace frond::api {
namespace {

/// Keeps what was asked and how far it has come.
class QueryAnswer final : public JsonAnswer {
 public:
  QueryAnswer(const Call& call, const stream::Stream& stream, std::unique_ptr<query::Query> query)
      : JsonAnswer(call, stream), scan_(std::move(query), stream, &call.indexes) {}

  ~QueryAnswer() override {
    if (stream::Stream* const stream = find()) {
      scan_.detach(*stream);
    }
  }

  Step step(base::Outlet& outlet, std::size_t& bytes) override {
    stream::Stream* const stream = find();
    if (stream == nullptr) {
      return fail(outlet, 10059);
    }
    switch (scan_.step(*stream, rows_, bytes)) {
      case query::Scan::Step::more:
        return Step::sent;
      case query::Scan::Step::wait:
        return Step::wait;
      case query::Scan::Step::batch:
        send(outlet, R"("rows":[)" + std::exchange(rows_, {}) + "]}", bytes);
        return Step::sent;
      case query::Scan::Step::done:
        send(outlet, R"("rows":[)" + rows_ + "],\"done\":true," + scan_.summary() + "}", bytes);
        return Step::done;
      case query::Scan::Step::too_large:
        return fail(outlet, 20003);
      case query::Scan::Step::unreadable:
        return fail(outlet, 10008);
    }
    return Step::done;
  }
  std::size_t cost() const override { return sizeof(*this) + rows_.capacity() + scan_.cost(); }

 private:
  query::Scan scan_;
  std::string rows_;
};

}  // namespace

void index_info(Call& call) {
  const stream::Stream* stream = call.find_stream(call.token(3));
  if (stream == nullptr) {
    return;
  }
  wire::Json out = wire::Json::object();
  wire::Json shown = wire::Json::array();
  out["last_seq"] = stream->durable_last().value;
  if (const query::StreamIndexes* indexes = call.indexes.find(*stream)) {
    out["covered_seq"] = indexes->covered().value;
    out["full"] = indexes->full();
    for (const query::Index& index : indexes->all()) {
      shown.push_back(
          {{"name", index.name()}, {"entries", index.entries()}, {"bytes", index.bytes()}});
    }
  }
  out["indexes"] = std::move(shown);
  call.answer(out);
}

void query_stream(Call& call) {
  if (call.request.reply.empty()) {
    return;
  }
  wire::Json body;
  if (!call.read_body(body)) {
    return;
  }
  auto query = std::make_unique<query::Query>();
  const query::Fault fault = query::read_query(body, *query);
  if (!call.accept(fault.reading)) {
    return;
  }
  if (fault) {
    return call.refuse(stream::api_error(20002, {fault.meaning}));
  }
  stream::Stream* stream = call.find_stream(call.token(2));
  if (stream == nullptr) {
    return;
  }
  if (query->live) {
    return start_live(call, *stream, std::move(query));
  }
  call.long_answers.start(std::make_unique<QueryAnswer>(call, *stream, std::move(query)));
}

}  // namespace frond::api
