// What the host does when a signal comes: the users are read again, clients are sent away, the
// server ends. It ends in the same way when its store is gone.

#include "server/host/engine_host.h"
#include "server/host/host_clock.h"

#include <chrono>
#include <exception>
#include <string>

namespace frond::server {
namespace {

constexpr auto kStopPatience = std::chrono::seconds(3);
constexpr auto kStopPoll = std::chrono::milliseconds(5);

}  // namespace

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

void EngineHost::stop() {
  stop_by_ = std::chrono::steady_clock::now() + kStopPatience;
  listeners_->stop();
  engine_->shutdown(now());
  drain();
  finish_when_idle();
}

/// Nothing can be promised any more, and what stands at the directory's place may be another's.
void EngineHost::end_without_store() {
  if (stop_by_ == std::chrono::steady_clock::time_point()) {
    log_.fatal(store_.lost());
    stop();
  }
}

/// Ends the loop once everything is committed and the last words have left.
void EngineHost::finish_when_idle() {
  const bool committed = (engine_->idle() && store_.idle()) || !store_.lost().empty();
  const bool idle = committed && connections_.empty();
  if (idle || std::chrono::steady_clock::now() >= stop_by_) {
    if (!idle) {
      log_.warning("Shutdown: gave up waiting for connections or the disk");
    }
    loop_.stop();
    return;
  }
  stop_timer_.expires_after(kStopPoll);
  stop_timer_.async_wait([this](boost::system::error_code error) {
    if (!error) {
      finish_when_idle();
    }
  });
}

}  // namespace frond::server
