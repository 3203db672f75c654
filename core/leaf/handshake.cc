#include "leaf/handshake.h"

#include "base/limits.h"
#include "wire/json_reader.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace frond::leaf {

namespace {

using wire::Json;

/// Reads the fields that are there and of the right type; a peer's INFO is never refused for the
/// rest, other versions of servers say other things.
class Fields {
 public:
  explicit Fields(const Json& object) : object_(object) {}

  const Json* find(const char* name) const {
    const auto at = object_.find(name);
    return at == object_.end() ? nullptr : &*at;
  }
  void read(const char* name, std::string& out) const {
    if (const Json* value = find(name); value != nullptr && value->is_string()) {
      out = value->get_ref<const std::string&>();
    }
  }
  void read(const char* name, bool& out) const {
    if (const Json* value = find(name); value != nullptr && value->is_boolean()) {
      out = value->get<bool>();
    }
  }
  void read(const char* name, std::uint64_t& out) const {
    if (const Json* value = find(name); value != nullptr && value->is_number_integer()) {
      out = value->get<std::uint64_t>();
    }
  }
  void read(const char* name, std::vector<std::string>& out) const {
    const Json* list = find(name);
    if (list == nullptr || !list->is_array()) {
      return;
    }
    for (const Json& item : *list) {
      if (item.is_string()) {
        out.push_back(item.get_ref<const std::string&>());
      }
    }
  }
  std::optional<SubjectRights> rights(const char* name) const {
    const Json* value = find(name);
    if (value == nullptr || !value->is_object()) {
      return std::nullopt;
    }
    const Fields fields(*value);
    SubjectRights rights;
    fields.read("allow", rights.allow);
    fields.read("deny", rights.deny);
    return rights;
  }

 private:
  const Json& object_;
};

Json rights_json(const SubjectRights& rights) {
  Json json = Json::object();
  if (!rights.allow.empty()) {
    json["allow"] = rights.allow;
  }
  if (!rights.deny.empty()) {
    json["deny"] = rights.deny;
  }
  return json;
}

}  // namespace

std::optional<HubInfo> parse_hub_info(std::string_view text) {
  Json json;
  if (!wire::parse_json(text, json).empty() || !json.is_object()) {
    return std::nullopt;
  }
  const Fields fields(json);
  HubInfo info;
  fields.read("connect_info", info.connect_info);
  fields.read("info_on_connect", info.info_on_connect);
  info.is_leaf = info.info_on_connect || fields.find("leafnode_urls") != nullptr;
  fields.read("server_id", info.server_id);
  fields.read("server_name", info.server_name);
  fields.read("version", info.version);
  fields.read("domain", info.domain);
  fields.read("cluster", info.cluster);
  fields.read("nonce", info.nonce);
  fields.read("headers", info.headers);
  fields.read("max_payload", info.payload_bytes_max);
  // Negative means unlimited, and comes as a very large number.
  info.payload_bytes_max = std::min(info.payload_bytes_max, base::peer_payload_bytes_max);
  info.import_rights = fields.rights("import");
  info.export_rights = fields.rights("export");
  return info;
}

std::string leaf_connect_json(const Config& config, const HubConfig& hub, const Signer* signer,
                              std::string_view nonce) {
  Json json = Json::object();
  json["name"] = config.name;
  // An unclustered server names itself as its cluster; two leafs of one cluster name would not see
  // each other's interest (leafnode-protocol 5).
  json["cluster"] = config.name;
  json["version"] = config.version;
  json["headers"] = true;
  json["protocol"] = 1;
  if (!config.domain.empty()) {
    json["domain"] = config.domain;
  }
  json["jetstream"] = config.jetstream;
  json["remote_account"] = "$G";
  if (!hub.user.empty()) {
    json["user"] = hub.user;
    json["pass"] = hub.password;
  }
  if (!hub.token.empty()) {
    json["auth_token"] = hub.token;
  }
  if (!hub.jwt.empty()) {
    json["jwt"] = hub.jwt;
  }
  const std::string key = signer == nullptr || nonce.empty() ? "" : signer->public_key();
  if (!key.empty()) {
    if (hub.jwt.empty()) {
      json["nkey"] = key;
    }
    json["sig"] = signer->sign(nonce);
  }
  return wire::print_json(json);
}

std::optional<LeafConnect> parse_leaf_connect(std::string_view text) {
  Json json;
  if (!wire::parse_json(text, json).empty() || !json.is_object()) {
    return std::nullopt;
  }
  std::string error;
  wire::ObjectReader fields(json, "leafConnectInfo", error);
  LeafConnect connect;
  std::string lang;
  fields.read("name", connect.name);
  fields.read("cluster", connect.cluster);
  fields.read("version", connect.version);
  fields.read("domain", connect.domain);
  fields.read("remote_account", connect.remote_account);
  fields.read("user", connect.user);
  fields.read("pass", connect.password);
  fields.read("auth_token", connect.token);
  fields.read("nkey", connect.nkey);
  fields.read("sig", connect.signature);
  fields.read("headers", connect.headers);
  fields.read("deny_pub", connect.deny.deny);
  fields.read("lang", lang);
  connect.has_lang = !lang.empty();
  return error.empty() ? std::optional(std::move(connect)) : std::nullopt;
}

std::string accept_info_json(const Config& config, const AcceptInfo& info) {
  Json json = Json::object();
  json["server_id"] = info.server_id;
  json["server_name"] = config.name;
  json["version"] = config.version;
  json["proto"] = 1;
  json["host"] = config.host;
  json["port"] = config.port;
  json["headers"] = true;
  json["max_payload"] = config.payload_bytes_max;
  json["auth_required"] = true;
  if (config.jetstream) {
    json["jetstream"] = true;
  }
  json["client_id"] = info.client_id;
  if (!info.client_ip.empty()) {
    json["client_ip"] = info.client_ip;
  }
  if (!info.nonce.empty()) {
    json["nonce"] = info.nonce;
  }
  if (!config.domain.empty()) {
    json["domain"] = config.domain;
  }
  // A stock leaf takes an INFO without this list for a client listener's. Ours has no addresses to
  // offer: other ports of this node are the host's business.
  json["leafnode_urls"] = Json::array();
  json["info_on_connect"] = true;
  if (info.connect_info) {
    json["connect_info"] = true;
    json["remote_account"] = "$G";
    // Named from the leaf's point of view: import is what it may subscribe.
    if (info.user != nullptr) {
      if (const Json rights = rights_json(info.user->subscribe); !rights.empty()) {
        json["import"] = rights;
      }
      if (const Json rights = rights_json(info.user->publish); !rights.empty()) {
        json["export"] = rights;
      }
    }
  }
  return wire::print_json(json);
}

}  // namespace frond::leaf
