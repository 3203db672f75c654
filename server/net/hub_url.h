#pragma once
// The URL of a hub, cut into what hub_dialer needs.

#include <string>
#include <string_view>

namespace frond::server {

/// Where a hub is, as its URL says.
struct HubAddress {
  bool websocket = false;
  std::string host;
  std::string port;
  std::string path;
};

/// Reads a hub's URL; on a wrong one `error` says why.
bool parse_hub_url(std::string_view url, HubAddress& address, std::string& error);

}  // namespace frond::server
