#pragma once
// What the process is told by signals, as nats-server understands them: SIGHUP and SIGUSR1 open the
// log file again, the others end the server. engine_host has one, on the loop.

#include "server/log.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <functional>

namespace frond::server {

class ProcessSignals {
 public:
  /// `stop` is called once, by the first signal that ends the server.
  ProcessSignals(boost::asio::io_context& loop, Log& log, std::function<void()> stop);
  void start();

 private:
  void wait();
  void on_signal(int signal);

  boost::asio::signal_set signals_;
  Log& log_;
  std::function<void()> stop_;
};

}  // namespace frond::server
