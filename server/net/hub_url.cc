#include "server/net/hub_url.h"

namespace frond::server {

bool parse_hub_url(std::string_view url, HubAddress& address, std::string& error) {
  const auto colon = url.find("://");
  const std::string_view scheme = url.substr(0, colon);
  if (colon == std::string_view::npos) {
    error = "the hub's url has no scheme";
    return false;
  }
  if (scheme == "ws") {
    address.websocket = true;
  } else if (scheme == "wss" || scheme == "tls") {
    error = "this server has no TLS: the hub's url cannot be " + std::string(scheme) + "://";
    return false;
  } else if (scheme != "nats-leaf" && scheme != "nats" && scheme != "tcp") {
    error = "unknown scheme " + std::string(scheme) + ":// of the hub's url";
    return false;
  }
  std::string_view rest = url.substr(colon + 3);
  const auto slash = rest.find('/');
  address.path = slash == std::string_view::npos || slash + 1 == rest.size()
                     ? "/leafnode"
                     : std::string(rest.substr(slash));
  rest = rest.substr(0, slash);
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
    rest.remove_prefix(at + 1);
  }
  const auto port = rest.rfind(':');
  const auto bracket = rest.rfind(']');
  const bool has_port =
      port != std::string_view::npos && (bracket == std::string_view::npos || port > bracket);
  address.host = rest.substr(0, has_port ? port : rest.size());
  address.port =
      has_port ? rest.substr(port + 1) : std::string_view(address.websocket ? "80" : "7422");
  if (address.host.size() > 1 && address.host.front() == '[' && address.host.back() == ']') {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  if (address.host.empty() || address.port.empty()) {
    error = "the hub's url has no host or an empty port";
    return false;
  }
  return true;
}

}  // namespace frond::server
