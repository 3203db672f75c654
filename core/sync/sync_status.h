#pragma once
// How far a synced stream is, as `$FROND.SYNC.INFO.<stream>` answers it.

#include <frond/types.h>

#include <cstdint>
#include <string>

namespace frond::sync {

struct SyncStatus {
  std::string way;              ///< "mirror" or "forward".
  std::uint64_t pending = 0;    ///< Messages not yet on the other side (forward) or here (mirror).
  std::uint64_t in_flight = 0;  ///< Sent, ack not here yet.
  std::uint64_t in_doubt = 0;   ///< Sent, ack lost: settled by reading the hub's stream.
  std::uint64_t refused = 0;    ///< Skipped because the hub will never take them.
  std::string hub_stream;
  StreamSeq hub_sequence;  ///< Last acknowledged (forward) or stored (mirror) at the hub.
  std::string last_error;
};

/// {"way","pending","inFlight","inDoubt","refused","hubStream"?,"hubSequence","lastError"?}
std::string sync_status_json(const SyncStatus& status);

}  // namespace frond::sync
