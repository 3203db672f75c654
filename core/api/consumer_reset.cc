// CONSUMER.RESET (JA-18): a reader starts over without being made anew.

#include "api/call.h"
#include "api/handlers.h"
#include "stream/error_table.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace frond::api {
namespace {

using stream::api_error;
using wire::Json;

/// nats-server reads this one body with another function of Go's than the rest: other words.
std::string plain_syntax_error(std::string error) {
  error.erase(std::min(error.find(" at offset "), error.size()));
  return error == "unexpected EOF" ? "unexpected end of JSON input" : error;
}

}  // namespace

/// As with nats-server, one that is not there does not answer.
void consumer_reset(Call& call) {
  consumer::Consumer* consumer = call.services.consumers.find(call.token(4), call.token(5));
  if (consumer == nullptr) {
    return;
  }
  std::uint64_t sequence = 0;
  if (!call.request.payload.empty()) {
    Json body;
    std::string error = plain_syntax_error(wire::parse_json(call.request.payload, body));
    if (error.empty()) {
      wire::ObjectReader reader(body, "JSApiConsumerResetRequest", error);
      reader.read("seq", sequence);
    }
    if (!error.empty()) {
      return call.refuse(api_error(10025, {error}));
    }
  }
  const consumer::ResetOutcome outcome =
      call.services.consumers.reset(*consumer, StreamSeq{sequence});
  if (outcome.error) {
    return call.refuse(outcome.error);
  }
  Json out = consumer_info(*consumer, call.services, call.config, call.now);
  out["reset_seq"] = outcome.sequence.value;
  call.promise(outcome.ticket, out);
}

}  // namespace frond::api
