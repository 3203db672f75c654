#pragma once
// A client or leaf over plain TCP, accepted or dialled. See connection.h.

#include "server/net/connection.h"
#include "server/net/send_queue.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace frond::server {

class TcpConnection : public Connection, public std::enable_shared_from_this<TcpConnection> {
 public:
  /// `socket` is connected.
  TcpConnection(ConnectionId id, ConnectionInfo info, boost::asio::ip::tcp::socket socket,
                ConnectionEvents& events);

  void start() override;
  void send(std::string bytes) override;
  void flush() override;
  void hold(bool hold) override;
  void finish(std::string_view reason) override;
  void abort(std::string_view cause) override;
  bool stalled() override { return queue_.stalled(); }

 private:
  void read();
  void linger();

  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer linger_;
  ConnectionEvents& events_;
  ConnectionInfo info_;
  std::vector<char> buffer_;
  SendQueue queue_;
  std::string reason_;
  bool reading_ = false;
  bool held_ = false;
  bool writing_ = false;
  bool finishing_ = false;
  bool closed_ = false;
};

}  // namespace frond::server
