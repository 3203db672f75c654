#pragma once
// A leaf that joined us (ConnectionKind::leaf), Frond's own or a stock nats-server's: we speak
// first with INFO, check its CONNECT, tell it its rights in a second INFO and announce our
// interest; from then on it is a LeafSession (leafnode-protocol 3, seen from the hub). One per
// connection, kept in an AcceptedLeafs, which knows the names of all and evicts duplicates.

#include "leaf/leaf_session.h"

#include <frond/config.h>
#include <frond/host.h>
#include <frond/output.h>
#include <frond/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace frond::leaf {

/// What all accepted leafs share; the references must outlive them.
struct AcceptContext {
  const Config& config;
  std::string server_id;
  route::Router& router;
  InterestTable& interest;
  Entropy& entropy;
  Outbox& outbox;
  std::string loop_guard;
};

/// A row of /leafz.
struct LeafRow {
  ConnectionId connection{};
  std::string name;
  std::string address;
  bool is_spoke = true;
  LeafTraffic traffic;
  std::size_t subscriptions = 0;
  Duration rtt{0};
};

class AcceptedLeafs {
 public:
  explicit AcceptedLeafs(AcceptContext context);
  ~AcceptedLeafs();
  AcceptedLeafs(const AcceptedLeafs&) = delete;
  AcceptedLeafs& operator=(const AcceptedLeafs&) = delete;

  bool owns(ConnectionId connection) const;
  /// Sends the leaf INFO.
  void connected(ConnectionId connection, const ConnectionInfo& info, Instant now);
  void received(ConnectionId connection, std::string_view bytes, Instant now);
  void closed(ConnectionId connection);
  void tick(Instant now);
  void flush();
  Instant next_deadline() const;
  std::size_t count() const;
  void each(const std::function<void(const LeafRow&)>& visit) const;
  /// The node stops: every leaf is closed with 'Server Shutdown'.
  void shutdown();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace frond::leaf
