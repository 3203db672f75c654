// Streams over the API: JA-02 to JA-08, JA-11 and JA-12 (refused).

#include "api/call.h"
#include "api/handlers.h"
#include "base/limits.h"
#include "consumer/advisory.h"
#include "stream/config_json.h"
#include "stream/error_table.h"
#include "stream/sync_check.h"

#include <nlohmann/json.hpp>

namespace frond::api {
namespace {

using stream::api_error;
using wire::Json;

/// AD-03.
void advise(const Call& call, std::string_view kind, std::string_view action) {
  const std::string name(call.token(4));
  consumer::send_advisory(call.services.outlet, call.services.entropy,
                          "$JS.EVENT.ADVISORY.STREAM." + std::string(kind) + "." + name,
                          "advisory.v1.stream_action", call.config.domain,
                          call.services.clock.wall(call.now), [&](Json& event) {
                            event["stream"] = name;
                            event["action"] = action;
                          });
}

void create_or_update(Call& call, bool create) {
  stream::ParsedStreamConfig asked = stream::parse_stream_config(call.request.payload);
  if (asked.error) {
    return call.refuse(asked.error);
  }
  stream::StreamConfig& config = asked.config;
  if (create && call.token(4) != config.name) {
    return call.refuse(api_error(10056));
  }
  if (const auto declared = config.metadata.find(std::string(stream::index_metadata));
      declared != config.metadata.end()) {
    if (const std::string fault = query::check_indexes(declared->second); !fault.empty()) {
      return call.refuse(api_error(10052, {fault}));
    }
  }
  if (create && config.name.find_first_of("\\/") != std::string::npos) {
    return call.refuse(api_error(10128));
  }
  if (create && config.sealed) {
    return call.refuse(api_error(10052, {"stream configuration for create can not be sealed"}));
  }
  if (create && config.mirror_direct && !config.mirror) {
    return call.refuse(api_error(10052, {"stream has no mirror but does have mirror direct"}));
  }
  const stream::StreamOutcome outcome =
      create ? call.services.streams.create(std::move(config), call.now, asked.pedantic)
             : call.services.streams.update(call.token(4), std::move(config), call.now,
                                            asked.pedantic);
  if (outcome.error) {
    return call.refuse(outcome.error);
  }
  StreamDetails details;
  details.domain = !create;
  Json out = stream_info(*outcome.stream, call.services, call.config, details, call.now);
  if (create) {
    out["did_create"] = true;  // nats-server says so for a repeated create as well.
  }
  if (!create || outcome.created) {
    advise(call, create ? "CREATED" : "UPDATED", create ? "create" : "modify");
  }
  call.promise(outcome.ticket, out);
}

void names_or_list(Call& call, bool names) {
  Page page;
  page.limit = names ? base::stream_names_page : base::stream_list_page;
  std::string filter;
  if (!read_page(call, names ? "JSApiStreamNamesRequest" : "JSApiStreamListRequest", page,
                 &filter)) {
    return;
  }
  const std::vector<stream::Stream*> streams =
      filter.empty() ? call.services.streams.all() : call.services.streams.by_subject(filter);
  page.total = streams.size();
  Json out = Json::object();
  page.print(out);
  // Names that are none are null, a list that is none is empty: so does nats-server.
  Json& items = out["streams"] = names ? Json() : Json::array();
  std::size_t bytes = 0;
  for (std::size_t i = page.first(); i < page.last() && bytes < base::answer_bytes_max; ++i) {
    StreamDetails details;
    items.push_back(names
                        ? Json(streams[i]->config().name)
                        : stream_info(*streams[i], call.services, call.config, details, call.now));
    bytes += wire::print_json(items.back()).size();
  }
  call.answer(out);
}

}  // namespace

void stream_create(Call& call) { create_or_update(call, true); }
void stream_update(Call& call) { create_or_update(call, false); }
void stream_names(Call& call) { names_or_list(call, true); }
void stream_list(Call& call) { names_or_list(call, false); }

void stream_info_request(Call& call) {
  StreamDetails details;
  details.cluster = true;
  if (is_json(call.request.payload)) {
    Json body;
    if (!call.read_body(body)) {
      return;
    }
    std::string error;
    std::int64_t offset = 0;
    wire::ObjectReader reader(body, "JSApiStreamInfoRequest", error);
    reader.read("offset", offset, "int");
    reader.read("deleted_details", details.deleted);
    reader.read("subjects_filter", details.subjects_filter);
    reader.finish();
    if (!call.accept(error)) {
      return;
    }
    details.subjects.offset = offset < 0 ? 0 : static_cast<std::size_t>(offset);
  }
  stream::Stream* stream = call.find_stream(call.token(4));
  if (stream == nullptr) {
    return;
  }
  const Json shown = stream_info(*stream, call.services, call.config, details, call.now);
  Json out = Json::object();
  if (details.subjects.total > 0) {
    out["total"] = details.subjects.total;
    out["offset"] = details.subjects.offset;
    out["limit"] = details.subjects.limit;
  } else {
    Page{}.print(out);
  }
  for (auto field = shown.begin(); field != shown.end(); ++field) {
    out[field.key()] = *field;
  }
  call.tell(*stream, out);
}

void stream_delete(Call& call) {
  if (!call.expect_no_body() || call.find_stream(call.token(4)) == nullptr) {
    return;
  }
  const stream::StreamOutcome outcome = call.services.streams.remove(call.token(4), call.now);
  if (outcome.error) {
    return call.refuse(outcome.error);
  }
  advise(call, "DELETED", "delete");
  call.promise(outcome.ticket, Json{{"success", true}});
}

void stream_purge(Call& call) {
  stream::PurgeRequest request;
  if (is_json(call.request.payload)) {
    Json body;
    if (!call.read_body(body)) {
      return;
    }
    std::string error;
    wire::ObjectReader reader(body, "JSApiStreamPurgeRequest", error);
    reader.read("seq", request.before.value);
    reader.read("filter", request.filter);
    reader.read("keep", request.keep);
    reader.finish();
    if (!call.accept(error)) {
      return;
    }
    if (!request.before.none() && request.keep > 0) {
      return call.refuse(api_error(10003));
    }
  }
  stream::Stream* stream = call.find_stream(call.token(4));
  if (stream == nullptr) {
    return;
  }
  if (stream->config().sealed) {
    return call.refuse(api_error(10109));
  }
  if (stream->config().deny_purge) {
    return call.refuse(api_error(10110, {"stream purge not permitted"}));
  }
  const std::uint64_t purged = stream->purge(request, call.now);
  call.promise(stream->ticket(), Json{{"success", true}, {"purged", purged}});
}

void stream_snapshot(Call& call) { call.refuse(api_error(10064, {"not supported by this node"})); }

void stream_restore(Call& call) { call.refuse(api_error(10062, {"not supported by this node"})); }

}  // namespace frond::api
