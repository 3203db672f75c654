// Consumers over the API: JA-13 to JA-17 and JA-20, and the legacy DURABLE.CREATE.

#include "api/call.h"
#include "api/handlers.h"
#include "base/limits.h"
#include "base/time_text.h"
#include "consumer/config_json.h"
#include "stream/asset_rules.h"
#include "stream/error_table.h"
#include "wire/json_words.h"

#include <nlohmann/json.hpp>

namespace frond::api {
namespace {

using stream::api_error;
using wire::Json;

Json sequence_pair(ConsumerSeq consumer, StreamSeq stream, const std::optional<WallTime>& last) {
  Json out = Json::object();
  out["consumer_seq"] = consumer.value;
  out["stream_seq"] = stream.value;
  if (last) {
    out["last_active"] = base::rfc3339_format(*last);
  }
  return out;
}

struct CreateRequest {
  std::string stream;
  consumer::ConsumerConfig config;
  consumer::Action action = consumer::Action::create_or_update;
  bool pedantic = false;
};

constexpr std::pair<std::string_view, consumer::Action> actions[] = {
    {"create", consumer::Action::create},
    {"update", consumer::Action::update},
    {"", consumer::Action::create_or_update}};

std::string read_create(const Json& body, CreateRequest& out) {
  std::string error;
  wire::ObjectReader reader(body, "CreateConsumerRequest", error);
  reader.read("stream_name", out.stream);
  if (const Json* config = reader.object("config", "server.ConsumerConfig")) {
    const std::string config_error = consumer::read_config(*config, out.config);
    if (!config_error.empty()) {
      reader.fail(config_error);
    }
  }
  wire::read_word<consumer::Action>(reader, "action", actions, out.action,
                                    "unknown consumer action");
  reader.read("pedantic", out.pedantic);
  reader.finish();
  return error;
}

/// How the three forms of the subject name the consumer, and what each demands of the config.
stream::ApiError check_subject(const Call& call, CreateRequest& request) {
  consumer::ConsumerConfig& config = request.config;
  const bool durable_form = call.token(3) == "DURABLE";
  const bool ephemeral_form = !durable_form && call.tokens.size() == 5;
  const std::string_view stream = call.token(durable_form ? 5 : 4);
  const std::string_view name =
      ephemeral_form ? std::string_view(config.name) : call.token(durable_form ? 6 : 5);
  if (stream != request.stream) {
    return api_error(10056);
  }
  if (name.find_first_of("\\/") != std::string_view::npos) {
    return api_error(10127);
  }
  if (ephemeral_form) {
    return config.is_durable() ? api_error(10020) : stream::ApiError{};
  }
  if (durable_form && !config.is_durable()) {
    return api_error(10018);
  }
  if (config.is_durable() && name != config.durable) {
    return api_error(10017);
  }
  config.name = name;
  const std::string_view filter = durable_form ? std::string_view() : call.rest(6);
  if (!filter.empty() && !config.filter_subjects.empty()) {
    return api_error(10137);
  }
  if (!filter.empty() && config.filter_subject != filter) {
    return api_error(10131);
  }
  return {};
}

void names_or_list(Call& call, bool names) {
  Page page;
  page.limit = names ? base::consumer_names_page : base::consumer_list_page;
  if (!read_page(call, "JSApiConsumersRequest", page, nullptr)) {
    return;
  }
  if (call.find_stream(call.token(4)) == nullptr) {
    return;
  }
  const std::vector<consumer::Consumer*> consumers = call.services.consumers.list(call.token(4));
  page.total = consumers.size();
  Json out = Json::object();
  page.print(out);
  Json& items = out["consumers"] = Json::array();
  std::size_t bytes = 0;
  for (std::size_t i = page.first(); i < page.last() && bytes < base::answer_bytes_max; ++i) {
    items.push_back(names ? Json(consumers[i]->name())
                          : consumer_info(*consumers[i], call.services, call.config, call.now));
    bytes += wire::print_json(items.back()).size();
  }
  call.answer(out);
}

/// Finds stream and consumer of CONSUMER.<verb>.<stream>.<consumer>, or refuses.
consumer::Consumer* named(Call& call) {
  if (call.find_stream(call.token(4)) == nullptr) {
    return nullptr;
  }
  consumer::Consumer* consumer = call.services.consumers.find(call.token(4), call.token(5));
  if (consumer == nullptr) {
    call.refuse(api_error(10014));
  }
  return consumer;
}

}  // namespace

void consumer_create(Call& call) {
  Json body;
  CreateRequest request;
  if (!call.read_body(body) || !call.accept(read_create(body, request))) {
    return;
  }
  if (const stream::ApiError error = check_subject(call, request)) {
    return call.refuse(error);
  }
  if (request.config.num_replicas > 1) {
    return call.refuse(api_error(10074));
  }
  stream::Stream* stream = call.find_stream(request.stream);
  if (stream == nullptr) {
    return;
  }
  if (const consumer::Consumer* known =
          call.services.consumers.find(request.stream, request.config.name)) {
    request.config.pause_until = known->config().pause_until;  // Only CONSUMER.PAUSE changes it.
  }
  const consumer::ConsumerOutcome outcome = call.services.consumers.create(
      *stream, std::move(request.config), request.action, request.pedantic, call.now);
  if (outcome.error) {
    return call.refuse(outcome.error);
  }
  call.promise(outcome.ticket,
               consumer_info(*outcome.consumer, call.services, call.config, call.now));
}

void consumer_names(Call& call) { names_or_list(call, true); }
void consumer_list(Call& call) { names_or_list(call, false); }

void consumer_info_request(Call& call) {
  if (!call.expect_no_body()) {
    return;
  }
  if (consumer::Consumer* consumer = named(call)) {
    call.answer(consumer_info(*consumer, call.services, call.config, call.now));
  }
}

void consumer_delete(Call& call) {
  if (!call.expect_no_body()) {
    return;
  }
  if (const consumer::Consumer* consumer = named(call)) {
    const consumer::ConsumerOutcome outcome =
        call.services.consumers.remove(consumer->stream(), call.token(5), call.now);
    call.promise(outcome.ticket, Json{{"success", true}});
  }
}

void consumer_pause(Call& call) {
  std::optional<WallTime> until;
  if (is_json(call.request.payload)) {
    Json body;
    if (!call.read_body(body)) {
      return;
    }
    std::string error;
    wire::ObjectReader reader(body, "JSApiConsumerPauseRequest", error);
    reader.read("pause_until", until);
    reader.finish();
    if (!call.accept(error)) {
      return;
    }
  }
  const consumer::Consumer* consumer = named(call);
  if (consumer == nullptr) {
    return;
  }
  const consumer::ConsumerOutcome outcome =
      call.services.consumers.pause(consumer->stream(), call.token(5), until, call.now);
  const std::optional<WallTime>& set = outcome.consumer->config().pause_until;
  Json out = Json::object();
  const WallTime wall = call.services.clock.wall(call.now);
  out["paused"] = set && wall < *set;
  out["pause_until"] = base::rfc3339_format(set.value_or(WallTime::min()));
  if (set && wall < *set) {
    out["pause_remaining"] = (*set - wall).count();
  }
  call.promise(outcome.ticket, out);
}

void consumer_next(Call& call) {
  consumer::Consumer* consumer = call.services.consumers.find(call.token(5), call.token(6));
  if (consumer == nullptr) {
    return call.no_responders();
  }
  consumer->on_pull(call.request.reply, call.request.payload, call.now);
}

Json consumer_info(consumer::Consumer& consumer, const Services& services, const ApiConfig& config,
                   Instant now) {
  const consumer::ConsumerInfo info = consumer.info(now);
  consumer::ConsumerConfig shown = consumer.config();
  shown.metadata[std::string(stream::server_level_key)] =
      std::to_string(base::jetstream_api_level);  // VG-04.
  shown.metadata[std::string(stream::server_version_key)] = config.version;
  Json out = Json::object();
  out["stream_name"] = consumer.stream().config().name;
  out["name"] = consumer.name();
  out["created"] = base::rfc3339_format(consumer.created());
  out["config"] = consumer::print_config(shown);
  out["delivered"] =
      sequence_pair(info.delivered_consumer, info.delivered_stream, info.delivered_last);
  out["ack_floor"] = sequence_pair(info.floor_consumer, info.floor_stream, info.floor_last);
  out["num_ack_pending"] = info.ack_pending;
  out["num_redelivered"] = info.redelivered;
  out["num_waiting"] = info.waiting;
  out["num_pending"] = info.pending;
  if (info.push_bound) {
    out["push_bound"] = true;
  }
  if (info.paused) {
    out["paused"] = true;
    out["pause_remaining"] = info.pause_remaining.count();
  }
  out["ts"] = base::rfc3339_format(services.clock.wall(now));
  return out;
}

}  // namespace frond::api
