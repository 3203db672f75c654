#include "server/process_signals.h"

#include <csignal>
#include <utility>

namespace frond::server {

using boost::system::error_code;

ProcessSignals::ProcessSignals(boost::asio::io_context& loop, Log& log, std::function<void()> stop)
    : signals_(loop), log_(log), stop_(std::move(stop)) {}

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
    if (signal == SIGHUP) {
      log_.info("Reloaded: the log file was opened again; other settings need a restart");
    }
    return wait();
  }
  if (signal == SIGUSR2) {
    log_.info("Entering lame duck mode, stop accepting new clients");
  }
  log_.info("Initiating Shutdown...");
  stop_();
}

}  // namespace frond::server
