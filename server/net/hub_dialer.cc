#include "server/net/hub_dialer.h"

#include "server/net/tcp_connection.h"
#include "server/net/websocket_connection.h"

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

void dial_hub(asio::io_context& loop, ConnectionId id, const std::string& url,
              ConnectionEvents& events, std::function<void(std::shared_ptr<Connection>)> connected,
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
            dial->socket, found,
            [dial, id, url, &events](error_code refused, const tcp::endpoint&) {
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
                dial->connected(dial_websocket(id, std::move(info), std::move(dial->socket),
                                               (v6 ? "[" + to.host + "]" : to.host) + ":" + to.port,
                                               to.path, events));
              } else {
                dial->connected(std::make_shared<TcpConnection>(id, std::move(info),
                                                                std::move(dial->socket), events));
              }
            });
      });
}

}  // namespace frond::server
