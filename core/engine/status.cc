// node.status() and $FROND.STATUS: what the node is, where it stores and how its link is; and
// $FROND.SYNC.INFO: how a stream is synced, which takes what sync and the link know together.

#include "engine/wiring.h"

#include "stream/sync_check.h"
#include "wire/json_reader.h"
#include "wire/quote.h"

#include <nlohmann/json.hpp>

namespace frond::engine {

std::string Wiring::status_json() {
  wire::Json json;
  json["name"] = config.name;
  json["domain"] = config.domain;
  json["server_id"] = config.server_id;
  json["version"] = config.version;
  json["storage"]["persistent"] = host.files.persistent();
  json["storage"]["bytes"] = streams.storage_bytes();
  json["streams"] = streams.all().size();
  json["consumers"] = consumers.count();
  json["clients"] = connections.count();
  wire::parse_json(leaf::link_status_json(hub.status(), clock), json["link"]);
  for (const stream::Stream* stream : streams.all()) {
    const std::string& name = stream->config().name;
    if (const auto sync = sync_status(name)) {
      wire::parse_json(sync::sync_status_json(*sync, {}, clock), json["sync"][name]);
    }
  }
  return wire::print_json(json);
}

std::string Wiring::sync_json(std::string_view name, const std::vector<StreamSeq>& messages) {
  const std::optional<sync::SyncStatus> status = sync_status(name);
  if (!status) return {};
  std::vector<sync::MessageStatus> states;
  for (const StreamSeq sequence : messages) {
    states.push_back({sequence, syncs.message(name, sequence)});
  }
  return sync::sync_status_json(*status, states, clock);
}

std::optional<sync::SyncStatus> Wiring::sync_status(std::string_view name) {
  std::optional<sync::SyncStatus> status = syncs.status(name);
  if (!status || !status->last_error.empty() || !hub.online()) return status;
  const auto& metadata = streams.find(name)->config().metadata;
  const std::string& domain = hub.status().hub_domain;
  for (const std::string_view key : stream::domain_metadata) {
    const auto named = metadata.find(std::string(key));
    if (named != metadata.end() && !named->second.empty() && named->second != domain) {
      status->last_error =
          "metadata " + std::string(key) + " names the domain " + wire::quoted(named->second) +
          ", but " + (domain.empty() ? "the hub has none" : "the hub's is " + wire::quoted(domain));
    }
  }
  return status;
}

}  // namespace frond::engine
