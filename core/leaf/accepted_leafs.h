#pragma once
// All leafs that have joined us, by connection. It hands each the inputs that are its own and knows
// of them all: a leaf that comes again evicts its older connection. One per engine.

#include "leaf/accepted_leaf.h"

#include <frond/config.h>
#include <frond/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string_view>

namespace frond::leaf {

class AcceptedLeafs {
 public:
  explicit AcceptedLeafs(AcceptContext context);
  AcceptedLeafs(const AcceptedLeafs&) = delete;
  AcceptedLeafs& operator=(const AcceptedLeafs&) = delete;

  bool owns(ConnectionId connection) const;
  void connected(ConnectionId connection, const ConnectionInfo& info, Instant now);
  void received(ConnectionId connection, std::string_view bytes, Instant now);
  /// True when there is room for more again.
  bool sent(ConnectionId connection, std::uint64_t bytes);
  void closed(ConnectionId connection);
  void hold(ConnectionId connection, bool hold, Instant now);
  /// The host's answer to CheckSecret.
  void secret_checked(ConnectionId connection, bool matches, Instant now);
  /// The configuration's users have changed: leafs that may no longer be here are closed.
  void recheck(Instant now);
  void tick(Instant now);
  /// Hands what has gathered since the last call to the outbox, and forgets those that have ended.
  /// False when there was nothing.
  bool flush();
  Instant next_deadline() const;
  std::size_t count() const;
  /// How many were too slow.
  std::uint64_t slow_consumers() const { return slow_consumers_; }
  void each(const std::function<void(const LeafRow&)>& visit) const;
  /// The node stops: every leaf is closed with 'Server Shutdown'.
  void shutdown();

 private:
  AcceptedLeaf* find(ConnectionId connection) const;
  void evict_older(const AcceptedLeaf& newcomer);

  AcceptContext context_;
  route::DirtyList dirty_;
  std::map<ConnectionId, std::unique_ptr<AcceptedLeaf>> leafs_;
  std::uint64_t slow_consumers_ = 0;
};

}  // namespace frond::leaf
