#pragma once
// The client connections of the node, by the host's id: makes a session for each, hands it its
// inputs and gathers what sessions have to say into outputs. Links to other nodes are not here but
// in leaf/. One per engine.

#include "route/connection_output.h"
#include "route/router.h"
#include "session/node.h"
#include "session/session.h"

#include <frond/config.h>
#include <frond/host.h>
#include <frond/output.h>
#include <frond/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>

namespace frond::engine {

class Connections {
 public:
  Connections(const Config& config, route::Router& router, const Host& host, Outbox& outbox);

  /// An input begins: what time it is for everything that it causes.
  void advance(Instant now) { node_.now = now; }
  void connected(ConnectionId id, const ConnectionInfo& info, Instant now);
  bool owns(ConnectionId id) const { return sessions_.contains(id); }
  void received(ConnectionId id, std::string_view bytes, Instant now);
  /// True when there is room for more again.
  bool sent(ConnectionId id, std::uint64_t bytes);
  void closed(ConnectionId id);
  void hold(ConnectionId id, bool hold, Instant now);
  void tick(Instant now);
  /// Moves what sessions have gathered since the last call into the outbox, and forgets those that
  /// have ended. At the end of every input; false when there was nothing.
  bool flush();
  /// The host's answer to CheckSecret.
  void secret_checked(ConnectionId id, bool matches, Instant now);
  /// The configuration's users have changed: those who are no longer let in are closed.
  void recheck(Instant now);
  /// Tells every client to go elsewhere (CP-19).
  void enter_lame_duck();
  void dismiss_one();
  /// Says goodbye to every client.
  void shutdown();

  /// A lower bound: a session's deadline may have moved later since it was asked.
  Instant next_deadline() const { return deadline_; }
  std::size_t count() const { return sessions_.size(); }
  std::uint64_t total() const { return total_; }
  /// What connections that are gone have carried, and how many were too slow (CP-17).
  const session::Traffic& past() const { return past_; }
  std::uint64_t slow_consumers() const { return slow_consumers_; }
  void each(const std::function<void(session::Session&)>& visit) const;
  const session::Node& node() const { return node_; }

 private:
  struct IdHash {
    std::size_t operator()(ConnectionId id) const noexcept { return static_cast<std::size_t>(id); }
  };
  void forget(ConnectionId id);

  Outbox& outbox_;
  route::DirtyList dirty_;
  session::Node node_;
  std::unordered_map<ConnectionId, std::unique_ptr<session::Session>, IdHash> sessions_;
  Instant deadline_ = kNever;
  std::uint64_t total_ = 0;
  std::uint64_t slow_consumers_ = 0;
  session::Traffic past_;
};

}  // namespace frond::engine
