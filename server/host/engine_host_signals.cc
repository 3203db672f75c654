// What the host does when a signal comes: the users are read again, or clients are sent away.

#include "server/host/engine_host.h"
#include "server/host/host_clock.h"

#include <chrono>
#include <exception>
#include <string>

namespace frond::server {
ProcessSignals::Handlers EngineHost::signal_handlers() {
  return {.reload = [this] { reload(); },
          .enter_lame_duck = [this] { enter_lame_duck(); },
          .stop = [this] { stop(); }};
}

/// Who may connect is taken from the file again. Other settings need a restart.
void EngineHost::reload() {
  try {
    const Settings changed = reread_();
    for (const std::string& warning : changed.warnings) {
      log_.warning(warning);
    }
    engine_->change_access(changed.engine, now());
    schedule_drain();
    log_.info("Reloaded server configuration: users and log file; the rest needs a restart");
  } catch (const std::exception& error) {
    log_.error("Failed to reload server configuration: " + std::string(error.what()));
  }
}

void EngineHost::enter_lame_duck() {
  if (lame_duck_) {
    return;
  }
  log_.info("Entering lame duck mode, stop accepting new clients");
  listeners_->stop_accepting();
  engine_->enter_lame_duck(now());
  schedule_drain();
  lame_duck_.emplace(
      loop_, settings_.lame_duck, [this] { return engine_->client_count(); },
      [this] {
        engine_->dismiss_one(now());
        schedule_drain();
      },
      [this] {
        if (stop_by_ == std::chrono::steady_clock::time_point()) {  // No other signal came first.
          log_.info("Initiating Shutdown...");
          stop();
        }
      });
}

}  // namespace frond::server
