#pragma once
// Keys of nats-server that ask for what this server does not do, at the top of a configuration
// file. They are refused, because to ignore them would be worse.

#include <algorithm>
#include <array>
#include <string_view>

namespace frond::server {

inline bool is_refused_key(std::string_view key) {
  static constexpr std::array refused = std::to_array<std::string_view>({"tls",
                                                                         "cluster",
                                                                         "gateway",
                                                                         "mqtt",
                                                                         "operator",
                                                                         "operators",
                                                                         "roots",
                                                                         "root",
                                                                         "root_operator",
                                                                         "root_operators",
                                                                         "resolver",
                                                                         "account_resolver",
                                                                         "accounts_resolver",
                                                                         "resolver_preload",
                                                                         "resolver_tls",
                                                                         "resolver_pinned_accounts",
                                                                         "trusted_keys",
                                                                         "trusted",
                                                                         "default_sentinel",
                                                                         "https",
                                                                         "https_port",
                                                                         "http_base_path",
                                                                         "ocsp",
                                                                         "ocsp_cache",
                                                                         "auth_callout",
                                                                         "proxies",
                                                                         "proxy_protocol",
                                                                         "mappings",
                                                                         "maps",
                                                                         "max_sub_tokens",
                                                                         "max_subscription_tokens",
                                                                         "no_header_support",
                                                                         "default_js_domain",
                                                                         "write_timeout"});
  return std::find(refused.begin(), refused.end(), key) != refused.end();
}

}  // namespace frond::server
