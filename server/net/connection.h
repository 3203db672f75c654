#pragma once
// One outside connection of the engine, whatever carries it. tcp_connection and
// websocket_connection implement it, connection_table keeps it and engine_host hears what happens
// on it. All of it runs on the loop's thread.

#include <frond/config.h>
#include <frond/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace frond::server {

class Connection;

/// Implemented by engine_host.
class ConnectionEvents {
 public:
  virtual ~ConnectionEvents() = default;
  /// The connection can carry bytes now: accepted, or dialled and shaken hands.
  virtual void on_open(Connection& connection, const ConnectionInfo& info) = 0;
  virtual void on_bytes(Connection& connection, std::string_view bytes) = 0;
  virtual void on_sent(Connection& connection, std::uint64_t bytes) = 0;
  /// The last call for this connection; `cause` is NATS's close reason where there is one.
  virtual void on_closed(Connection& connection, std::string_view cause) = 0;
};

class Connection {
 public:
  explicit Connection(ConnectionId id) : id_(id) {}
  virtual ~Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  ConnectionId id() const { return id_; }

  virtual void start() = 0;
  /// Queues bytes; they leave at the next flush().
  virtual void send(std::string bytes) = 0;
  virtual void flush() = 0;
  /// Reads nothing more, or goes on.
  virtual void hold(bool hold) = 0;
  /// Closes once everything queued has left, or when that takes too long.
  virtual void finish(std::string_view reason) = 0;
  /// Closes at once.
  virtual void abort(std::string_view cause) = 0;
  /// True when bytes wait and none has left since the last call; see write_deadline.
  virtual bool stalled() = 0;

 private:
  ConnectionId id_;
};

}  // namespace frond::server
