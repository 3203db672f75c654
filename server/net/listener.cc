#include "server/net/listener.h"

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <utility>
#include <vector>

namespace frond::server {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// After a failed accept (out of file descriptors) the loop must not spin.
constexpr auto kAcceptPause = std::chrono::milliseconds(100);

std::vector<tcp::endpoint> endpoints(asio::io_context& loop, const ListenAddress& address) {
  if (address.host.empty() || address.host == "0.0.0.0" || address.host == "::") {
    return {tcp::endpoint(asio::ip::address_v6::any(), address.port),
            tcp::endpoint(asio::ip::address_v4::any(), address.port)};
  }
  error_code error;
  tcp::resolver resolver(loop);
  std::vector<tcp::endpoint> found;
  for (const auto& entry : resolver.resolve(address.host, std::to_string(address.port),
                                            tcp::resolver::passive, error)) {
    // IPv4 first: "localhost" must be what 127.0.0.1 reaches.
    found.insert(entry.endpoint().address().is_v4() ? found.begin() : found.end(),
                 entry.endpoint());
  }
  return found;
}

}  // namespace

Listener::Listener(asio::io_context& loop, const ListenAddress& address)
    : loop_(loop), acceptor_(loop), host_(address.host) {
  error_code error = asio::error::host_not_found;
  for (const tcp::endpoint& endpoint : endpoints(loop, address)) {
    error_code ignored;
    acceptor_.close(ignored);
    acceptor_.open(endpoint.protocol(), error);
    if (error) {
      continue;
    }
    acceptor_.set_option(tcp::acceptor::reuse_address(true), ignored);
    if (endpoint.address().is_v6() && endpoint.address().is_unspecified()) {
      acceptor_.set_option(asio::ip::v6_only(false), ignored);
    }
    acceptor_.bind(endpoint, error);
    if (!error) {
      acceptor_.listen(asio::socket_base::max_listen_connections, error);
    }
    if (!error) {
      port_ = acceptor_.local_endpoint(ignored).port();
      return;
    }
  }
  throw ListenError("Error listening on port: " + address.host + ":" +
                    std::to_string(address.port) + ", \"" + error.message() + "\"");
}

void Listener::start(Accept accept) {
  accept_ = std::move(accept);
  accept_next();
}

void Listener::stop() {
  error_code ignored;
  acceptor_.close(ignored);
}

void Listener::accept_next() {
  acceptor_.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
    if (!self->acceptor_.is_open()) {
      return;
    }
    if (!error) {
      self->accept_(std::move(socket));
      self->accept_next();
      return;
    }
    auto pause = std::make_shared<asio::steady_timer>(self->loop_, kAcceptPause);
    pause->async_wait([self, pause](error_code) {
      if (self->acceptor_.is_open()) {
        self->accept_next();
      }
    });
  });
}

}  // namespace frond::server
