#include "session/info.h"

#include "base/limits.h"

#include <nlohmann/json.hpp>

namespace frond::session {

std::string info_json(const Node& node, const InfoRequest& request) {
  using Json = nlohmann::ordered_json;
  const Config& config = node.config;
  Json info;
  info["server_id"] = node.server_id;
  info["server_name"] = config.name.empty() ? node.server_id : config.name;
  info["version"] = config.version;
  info["proto"] = 1;
  info["go"] = "frond";
  info["host"] = config.host;
  info["port"] = config.port;
  info["headers"] = true;
  if (request.auth_required) {
    info["auth_required"] = true;
  }
  info["max_payload"] = config.payload_bytes_max;
  if (config.jetstream) {
    info["jetstream"] = true;
  }
  info["client_id"] = request.client_id;
  if (!request.client_ip.empty()) {
    info["client_ip"] = request.client_ip;
  }
  if (!request.nonce.empty()) {
    info["nonce"] = request.nonce;
  }
  if (!config.domain.empty()) {
    info["domain"] = config.domain;
  }
  const std::vector<std::string>& urls =
      request.websocket ? node.ws_connect_urls : node.connect_urls;
  if (!urls.empty()) {
    info["connect_urls"] = urls;
  }
  if (node.lame_duck) {
    info["ldm"] = true;
  }
  if (request.connect_info) {
    info["connect_info"] = true;
    info["remote_account"] = "$G";
  }
  if (config.jetstream) {
    info["api_lvl"] = base::jetstream_api_level;
  }
  // Names come from users and may be no UTF-8: replaced, never a failure.
  return info.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace frond::session
