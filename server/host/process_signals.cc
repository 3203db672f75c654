#include "server/host/process_signals.h"

#include <csignal>
#include <utility>

namespace frond::server {

using boost::system::error_code;

ProcessSignals::ProcessSignals(boost::asio::io_context& loop, Log& log, Handlers handlers)
    : signals_(loop), log_(log), handlers_(std::move(handlers)) {}

void ProcessSignals::start() {
  error_code ignored;
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGHUP}) {
    signals_.add(signal, ignored);
  }
  wait();
}

void ProcessSignals::wait() {
  signals_.async_wait([this](error_code error, int signal) {
    if (!error) {
      on_signal(signal);
    }
  });
}

void ProcessSignals::on_signal(int signal) {
  if (signal == SIGHUP || signal == SIGUSR1) {
    log_.reopen();
  }
  if (signal == SIGHUP) {
    handlers_.reload();
  }
  if (signal == SIGUSR2) {
    handlers_.enter_lame_duck();
  }
  if (signal == SIGHUP || signal == SIGUSR1 || signal == SIGUSR2) {
    return wait();
  }
  log_.info("Initiating Shutdown...");
  handlers_.stop();
}

}  // namespace frond::server
