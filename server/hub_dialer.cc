#include "server/hub_dialer.h"

#include "server/tcp_connection.h"
#include "server/websocket_connection.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace frond::server {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

struct Dial {
  Dial(asio::io_context& loop) : resolver(loop), socket(loop) {}
  tcp::resolver resolver;
  tcp::socket socket;
  HubAddress address;
  std::function<void(std::shared_ptr<Connection>)> connected;
  std::function<void(std::string)> failed;
};

}  // namespace

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
  const bool has_port = port != std::string_view::npos &&
                        (bracket == std::string_view::npos || port > bracket);
  address.host = rest.substr(0, has_port ? port : rest.size());
  address.port = has_port ? rest.substr(port + 1)
                          : std::string_view(address.websocket ? "80" : "7422");
  if (address.host.size() > 1 && address.host.front() == '[' && address.host.back() == ']') {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  if (address.host.empty() || address.port.empty()) {
    error = "the hub's url has no host or an empty port";
    return false;
  }
  return true;
}

void dial_hub(asio::io_context& loop, ConnectionId id, const std::string& url,
              ConnectionEvents& events,
              std::function<void(std::shared_ptr<Connection>)> connected,
              std::function<void(std::string)> failed) {
  auto dial = std::make_shared<Dial>(loop);
  dial->connected = std::move(connected);
  dial->failed = std::move(failed);
  std::string wrong;
  if (!parse_hub_url(url, dial->address, wrong)) {
    asio::post(loop, [dial, wrong] { dial->failed(wrong); });
    return;
  }
  dial->resolver.async_resolve(
      dial->address.host, dial->address.port,
      [dial, id, url, &events](error_code error, const tcp::resolver::results_type& found) {
        if (error) {
          dial->failed(error.message());
          return;
        }
        asio::async_connect(
            dial->socket, found, [dial, id, url, &events](error_code refused, const tcp::endpoint&) {
              if (refused) {
                dial->failed(refused.message());
                return;
              }
              ConnectionInfo info;
              info.kind = ConnectionKind::hub;
              info.address = url;
              const HubAddress& to = dial->address;
              if (to.websocket) {
                const bool v6 = to.host.find(':') != std::string::npos;
                dial->connected(dial_websocket(
                    id, std::move(info), std::move(dial->socket),
                    (v6 ? "[" + to.host + "]" : to.host) + ":" + to.port, to.path, events));
              } else {
                dial->connected(std::make_shared<TcpConnection>(
                    id, std::move(info), std::move(dial->socket), events));
              }
            });
      });
}

}  // namespace frond::server
