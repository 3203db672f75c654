#include "server/net/listener.h"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/ip/v6_only.hpp>

#include <chrono>
#include <utility>
#include <vector>

namespace frond::server {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// After a failed accept the loop must not spin; and when sockets have taken all descriptors but the
// store's, the next connection waits in the system's queue.
constexpr auto kAcceptPause = std::chrono::milliseconds(100);
constexpr const char* kNoneLeft = "too many open files: the rest is kept for the store";

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

Listener::Listener(asio::io_context& loop, const Log& log, std::string name,
                   const ListenAddress& address)
    : log_(log), acceptor_(loop), pause_(loop), name_(std::move(name)), host_(address.host) {
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
  pause_.cancel();
}

void Listener::accept_next() {
  acceptor_.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
    if (!self->acceptor_.is_open()) {
      return;
    }
    if (error) {
      self->pause("accept: " + error.message());
      return;
    }
    // The system gives the lowest that is free: all below this one are in use.
    const bool fits = socket.native_handle() < self->sockets_max_;
    self->accept_(std::move(socket));
    if (fits) {
      self->accept_next();
    } else {
      self->pause(kNoneLeft);
    }
  });
}

void Listener::pause(const std::string& cause) {
  log_.error("Temporary " + name_ + " Accept Error (" + cause + "), sleeping " +
             std::to_string(kAcceptPause.count()) + "ms");
  pause_.expires_after(kAcceptPause);
  pause_.async_wait([self = shared_from_this()](error_code) {
    if (!self->acceptor_.is_open()) {
      return;
    }
    if (self->next_socket_fits()) {
      self->accept_next();
    } else {
      self->pause(kNoneLeft);
    }
  });
}

bool Listener::next_socket_fits() {
  const int next = ::fcntl(acceptor_.native_handle(), F_DUPFD_CLOEXEC, 0);
  if (next >= 0) {
    ::close(next);
  }
  return next >= 0 && next < sockets_max_;
}

}  // namespace frond::server
