// node.status() and $FROND.STATUS: what the node is, where it stores and how its link is.

#include "engine/wiring.h"

#include "wire/json_reader.h"

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
  return wire::print_json(json);
}

}  // namespace frond::engine
