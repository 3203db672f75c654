// node.status() and $FROND.STATUS: what the node is, where it stores and how its link is.

#include "engine/wiring.h"

#include <nlohmann/json.hpp>

namespace frond::engine {

std::string Wiring::status_json() {
  nlohmann::ordered_json json;
  json["name"] = config.name;
  json["domain"] = config.domain;
  json["server_id"] = config.server_id;
  json["version"] = config.version;
  json["storage"]["persistent"] = host.files.persistent();
  json["storage"]["bytes"] = streams.storage_bytes();
  json["streams"] = streams.all().size();
  json["consumers"] = consumers.count();
  json["clients"] = connections.count();
  json["link"] =
      nlohmann::ordered_json::parse(leaf::link_status_json(hub.status()), nullptr, false);
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace frond::engine
