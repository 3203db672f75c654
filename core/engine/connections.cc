#include "engine/connections.h"

#include <algorithm>
#include <utility>

namespace frond::engine {

Connections::Connections(const Config& config, route::Router& router, const Host& host,
                         Outbox& outbox)
    : outbox_(outbox),
      node_{.config = config,
            .router = router,
            .dirty = dirty_,
            .entropy = host.entropy,
            .server_id = config.server_id,
            .checks = host.checks_secrets ? &outbox : nullptr,
            .verifier = host.verifier} {}

void Connections::connected(ConnectionId id, const ConnectionInfo& info, Instant now) {
  auto session = std::make_unique<session::Session>(id, info, node_, now);
  session->start(now);
  if (sessions_.size() >= node_.config.connections_max) {
    session->refuse_place();
  }
  deadline_ = std::min(deadline_, session->next_deadline());
  sessions_.insert_or_assign(id, std::move(session));
  ++total_;
}

void Connections::received(ConnectionId id, std::string_view bytes, Instant now) {
  session::Session& session = *sessions_.at(id);
  session.receive(bytes, now);
  deadline_ = std::min(deadline_, session.next_deadline());
}

bool Connections::sent(ConnectionId id, std::uint64_t bytes) {
  const auto found = sessions_.find(id);
  return found != sessions_.end() && found->second->sent(bytes);
}

void Connections::closed(ConnectionId id) { forget(id); }

void Connections::hold(ConnectionId id, bool hold, Instant now) {
  session::Session& session = *sessions_.at(id);
  session.hold(hold, now);
  deadline_ = std::min(deadline_, session.next_deadline());
}

void Connections::forget(ConnectionId id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  session::Session& session = *found->second;
  past_.in_msgs += session.traffic().in_msgs;
  past_.in_bytes += session.traffic().in_bytes;
  past_.out_msgs += session.traffic().out_msgs;
  past_.out_bytes += session.traffic().out_bytes;
  if (session.output().too_slow()) ++slow_consumers_;
  sessions_.erase(found);
}

void Connections::tick(Instant now) {
  if (now < deadline_) return;
  deadline_ = kNever;
  for (const auto& [id, session] : sessions_) {
    session->tick(now);
    if (!session->closing()) deadline_ = std::min(deadline_, session->next_deadline());
  }
}

bool Connections::flush() {
  return dirty_.flush(outbox_, [this](ConnectionId id) { forget(id); });
}

void Connections::secret_checked(ConnectionId id, bool matches, Instant now) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  found->second->secret_checked(matches, now);
  deadline_ = std::min(deadline_, found->second->next_deadline());
}

void Connections::recheck(Instant now) {
  for (const auto& [id, session] : sessions_) {
    session->recheck(now);
    deadline_ = std::min(deadline_, session->next_deadline());
  }
}

void Connections::enter_lame_duck() {
  node_.lame_duck = true;
  node_.connect_urls.clear();  // Nobody shall come back here.
  node_.ws_connect_urls.clear();
  for (const auto& [id, session] : sessions_) session->announce();
}

void Connections::dismiss_one() {
  const auto oldest = std::ranges::min_element(
      sessions_, {}, [](const auto& one) { return static_cast<std::uint64_t>(one.first); });
  if (oldest != sessions_.end()) oldest->second->close("Server Shutdown");
}

void Connections::shutdown() {
  for (const auto& [id, session] : sessions_) session->close("Server Shutdown");
}

void Connections::each(const std::function<void(session::Session&)>& visit) const {
  for (const auto& [id, session] : sessions_) visit(*session);
}

}  // namespace frond::engine
