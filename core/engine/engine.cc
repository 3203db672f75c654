#include "engine/monitoring.h"
#include "engine/wiring.h"

#include <utility>

namespace frond {

Engine::Engine(Config config, Host host, Now now)
    : wiring_(std::make_unique<engine::Wiring>(std::move(config), host, now)) {}

Engine::~Engine() = default;

std::string Engine::refusal() const {
  const std::string& newer = wiring_->journal.newer_file();
  return newer.empty() ? newer : newer + ": written by a later version of Frond";
}

void Engine::connected(ConnectionId connection, const ConnectionInfo& info, Now now) {
  engine::Wiring& w = *wiring_;
  w.advance(now);
  switch (info.kind) {
    case ConnectionKind::hub:
      w.hub.connected(connection, w.now);
      break;
    case ConnectionKind::leaf:
      w.leafs.connected(connection, info, w.now);
      break;
    case ConnectionKind::client:
      w.connections.connected(connection, info, w.now);
      break;
  }
  w.finish();
}

void Engine::received(ConnectionId connection, std::string_view bytes, Now now) {
  engine::Wiring& w = *wiring_;
  w.advance(now);
  const bool hub = w.hub.owns(connection);
  w.holds.before_reading();
  if (w.connections.owns(connection)) {
    w.connections.received(connection, bytes, w.now);
  } else if (hub) {
    w.hub.received(connection, bytes, w.now);
  } else if (w.leafs.owns(connection)) {
    w.leafs.received(connection, bytes, w.now);
  }
  w.holds.after_reading(connection, hub);
  w.finish();
}

void Engine::sent(ConnectionId connection, std::uint64_t bytes, Now now) {
  engine::Wiring& w = *wiring_;
  w.advance(now);
  w.sent(connection, bytes);
}

void Engine::closed(ConnectionId connection, std::string_view cause, Now now) {
  engine::Wiring& w = *wiring_;
  w.advance(now);
  if (w.connections.owns(connection)) {
    w.connections.closed(connection);
  } else if (w.hub.owns(connection)) {
    w.hub.closed(connection, cause, w.now);
  } else if (w.leafs.owns(connection)) {
    w.leafs.closed(connection);
  }
  w.api.wake();
  w.finish();
}

void Engine::stored(Ticket ticket, std::string_view error, Now now) {
  engine::Wiring& w = *wiring_;
  w.advance(now);
  w.commit_returned(ticket, error);
  w.finish();
}

void Engine::secret_checked(ConnectionId connection, bool matches, Now now) {
  engine::Wiring& w = *wiring_;
  w.advance(now);
  w.connections.secret_checked(connection, matches, w.now);
  w.leafs.secret_checked(connection, matches, w.now);
  w.finish();
}

void Engine::tick(Now now) {
  engine::Wiring& w = *wiring_;
  w.advance(now);
  w.streams.tick(w.now);
  if (!w.hub.behind(w.now)) w.syncs.tick(w.now);
  w.hub.tick(w.now);
  w.leafs.tick(w.now);
  w.connections.tick(w.now);
  w.finish();
}

void Engine::network_hint(bool online, Now now) {
  engine::Wiring& w = *wiring_;
  w.advance(now);
  w.hub.network_hint(online, w.now);
  w.finish();
}

void Engine::pause_link(Now now) {
  engine::Wiring& w = *wiring_;
  w.advance(now);
  w.hub.pause(w.now);
  w.finish();
}

void Engine::resume_link(Now now) {
  engine::Wiring& w = *wiring_;
  w.advance(now);
  w.hub.resume(w.now);
  w.finish();
}

void Engine::change_hub(const HubConfig& hub, Now now) {
  engine::Wiring& w = *wiring_;
  w.advance(now);
  if (w.config.hub) {
    const HubConfig before = *std::exchange(w.config.hub, hub);
    w.hub.hub_changed(before.url != hub.url || before.domain != hub.domain, w.now);
  }
  w.finish();
}

void Engine::change_access(const Config& changed, Now now) {
  engine::Wiring& w = *wiring_;
  w.advance(now);
  w.config.users = changed.users;
  w.config.leaf_users = changed.leaf_users;
  w.config.token = changed.token;
  w.config.no_auth_user = changed.no_auth_user;
  w.config.websocket_no_auth_user = changed.websocket_no_auth_user;
  w.config.auth_timeout = changed.auth_timeout;
  w.config.leaf_auth_timeout = changed.leaf_auth_timeout;
  w.config.connections_max = changed.connections_max;
  w.config.subscriptions_max = changed.subscriptions_max;
  w.connections.recheck(w.now);
  w.leafs.recheck(w.now);
  w.finish();
}

void Engine::enter_lame_duck(Now now) {
  engine::Wiring& w = *wiring_;
  w.advance(now);
  w.connections.enter_lame_duck();
  w.finish();
}

std::size_t Engine::client_count() const { return wiring_->connections.count(); }

void Engine::dismiss_one(Now now) {
  engine::Wiring& w = *wiring_;
  w.advance(now);
  w.connections.dismiss_one();
  w.finish();
}

void Engine::shutdown(Now now) {
  engine::Wiring& w = *wiring_;
  w.advance(now);
  w.consumers.shutdown(w.now);
  w.finish();
  w.hub.pause(w.now);
  w.leafs.shutdown();
  w.connections.shutdown();
  w.finish();
}

Outbox& Engine::outbox() { return wiring_->outbox; }

Instant Engine::next_deadline() const { return wiring_->clock.for_host(wiring_->next_deadline()); }

bool Engine::idle() const {
  return !wiring_->journal.pending() && !wiring_->journal.in_flight() && wiring_->gate.empty();
}

std::string Engine::status_json() const { return wiring_->status_json(); }

std::string Engine::monitoring_json(std::string_view path, std::string_view query, Now now) const {
  wiring_->advance(now);
  return engine::monitoring_page(*wiring_, path, query);
}

}  // namespace frond
