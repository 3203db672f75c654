#pragma once
// Keeps what waits for the disk small: publishes that come faster than the disk takes them wait
// with those who send them. As soon as a bound is passed (limits.h), nothing more is read from any
// connection that has ever added to it, until most of it is written; whoever only listens,
// acknowledges or pings is not held. The hub is held at a bound of its own, above the others': most
// of what comes from there has a flow control that goes by our disk, and answers wait behind it. A
// failed commit drops what waits and so ends a hold too. Wiring has one and asks it after each
// input; it decides, the owners of the connections and the host carry it out.

#include "store/durability_gate.h"
#include "store/journal.h"

#include <frond/config.h>
#include <frond/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>

namespace frond::engine {

class ReadingHolds {
 public:
  /// `alive` says whether a connection is still there.
  ReadingHolds(const store::Journal& journal, const store::DurabilityGate& gate,
               std::function<bool(ConnectionId)> alive);

  /// Around the handling of a connection's bytes.
  void before_reading() { unsaved_before_ = unsaved(); }
  void after_reading(ConnectionId connection, bool hub);

  /// Calls `change` for those who are to be held from now on or let go on.
  void settle(const std::function<void(ConnectionId, bool hold)>& change);

 private:
  struct Group {
    std::uint64_t most;
    std::uint64_t low;
    bool holding = false;
    std::set<ConnectionId> writers = {};
    std::set<ConnectionId> held = {};
    std::size_t sweep_at = 64;  ///< So many writers; those that are gone are forgotten then.
  };

  /// Changes, and the answers that wait for them.
  std::uint64_t unsaved() const { return journal_.unsaved_bytes() + gate_.waiting_bytes(); }

  const store::Journal& journal_;
  const store::DurabilityGate& gate_;
  const std::function<bool(ConnectionId)> alive_;
  std::uint64_t unsaved_before_ = 0;
  std::array<Group, 2> groups_;
};

}  // namespace frond::engine
