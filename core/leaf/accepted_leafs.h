#pragma once
// All leafs that have joined us, by connection. It hands each the inputs that are its own and knows
// of them all: a leaf that comes again evicts its older connection. One per engine.

#include "leaf/accepted_leaf.h"

#include <frond/config.h>
#include <frond/types.h>

#include <cstddef>
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
  void closed(ConnectionId connection);
  void hold(ConnectionId connection, bool hold, Instant now);
  void tick(Instant now);
  void flush();
  Instant next_deadline() const;
  std::size_t count() const;
  void each(const std::function<void(const LeafRow&)>& visit) const;
  /// The node stops: every leaf is closed with 'Server Shutdown'.
  void shutdown();

 private:
  AcceptedLeaf* find(ConnectionId connection) const;
  void evict_older(const AcceptedLeaf& newcomer);
  /// Forgets those that are gone.
  void sweep();

  AcceptContext context_;
  std::map<ConnectionId, std::unique_ptr<AcceptedLeaf>> leafs_;
};

}  // namespace frond::leaf
