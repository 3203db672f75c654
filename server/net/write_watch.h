#pragma once
// Cuts connections that have taken nothing for write_deadline (CP-17), looking once a second.
// engine_host has one, on the loop.

#include "server/host/log.h"
#include "server/net/connection_table.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>

namespace frond::server {

class WriteWatch {
 public:
  /// A deadline of zero cuts nobody.
  WriteWatch(boost::asio::io_context& loop, ConnectionTable& connections,
             std::chrono::nanoseconds deadline, const Log& log);
  void start();

 private:
  void look();

  boost::asio::steady_timer timer_;
  ConnectionTable& connections_;
  std::chrono::seconds deadline_;
  const Log& log_;
};

}  // namespace frond::server
