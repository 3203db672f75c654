#pragma once
// A listening TCP socket: opened before the engine is made, because INFO says the port, started
// after. Accepted sockets go to a function; engine_host makes connections of them.

#include "server/conf/settings.h"
#include "server/disk/descriptors.h"
#include "server/host/log.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

namespace frond::server {

/// The address cannot be listened on; the text names it.
class ListenError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Listener : public std::enable_shared_from_this<Listener> {
 public:
  using Accept = std::function<void(boost::asio::ip::tcp::socket)>;

  /// Binds and listens. 0.0.0.0 takes IPv6 too where the system has it, as nats-server does.
  /// `name` is in the log when nothing can be accepted. Throws ListenError.
  Listener(boost::asio::io_context& loop, const Log& log, std::string name,
           const ListenAddress& address);

  void start(Accept accept);
  void stop();

  std::uint16_t port() const { return port_; }
  const std::string& host() const { return host_; }

 private:
  void accept_next();
  /// Accepts on after a while, or later, when a socket fits into its share of the descriptors.
  void pause(const std::string& cause);
  bool next_socket_fits();

  const Log& log_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  std::string name_;
  std::string host_;
  std::uint16_t port_ = 0;
  const int sockets_max_ = descriptor_shares().sockets;
  Accept accept_;
};

}  // namespace frond::server
