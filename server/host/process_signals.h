#pragma once
// What the process is told by signals, as nats-server understands them: SIGUSR1 opens the log file
// again, SIGHUP does and reloads, SIGUSR2 begins lame duck mode, the others end the server.
// engine_host has one, on the loop.

#include "server/host/log.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <functional>

namespace frond::server {

class ProcessSignals {
 public:
  struct Handlers {
    std::function<void()> reload;
    std::function<void()> enter_lame_duck;
    std::function<void()> stop;  ///< Called once, by the first signal that ends the server.
  };
  ProcessSignals(boost::asio::io_context& loop, Log& log, Handlers handlers);
  void start();

 private:
  void wait();
  void on_signal(int signal);

  boost::asio::signal_set signals_;
  Log& log_;
  Handlers handlers_;
};

}  // namespace frond::server
