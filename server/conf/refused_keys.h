#pragma once
// Keys of nats-server that ask for what this server does not do, at the top of a configuration file
// or in its authorization block. They are refused, because to ignore them would be worse.

#include <algorithm>
#include <array>
#include <string_view>

namespace frond::server {

inline bool is_refused_key(std::string_view key) {
  static constexpr std::array refused = std::to_array<std::string_view>(
      {"tls", "cluster", "operator", "operators", "gateway", "resolver", "mqtt", "resolver_preload",
       "trusted_keys", "trusted", "resolver_tls", "https", "https_port", "ocsp", "auth_callout",
       "proxies", "nkey"});
  return std::find(refused.begin(), refused.end(), key) != refused.end();
}

}  // namespace frond::server
