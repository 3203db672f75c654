#pragma once
// How far a synced stream is, and one of its messages, as `$FROND.SYNC.INFO.<stream>` answers it.

#include "base/clock.h"

#include <frond/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace frond::sync {

struct SyncStatus {
  std::string_view way;         ///< "mirror", "source", "forward" or "two-way".
  std::uint64_t queued = 0;     ///< Messages that are not at the hub yet.
  std::uint64_t lag = 0;        ///< Messages that are not here yet.
  std::uint64_t in_flight = 0;  ///< Sent, ack not here yet.
  std::uint64_t in_doubt = 0;   ///< Sent, ack lost: settled by reading the hub's stream.
  std::uint64_t refused = 0;    ///< Put among the dead letters: the hub will never take them.
  std::string hub_stream;
  StreamSeq hub_sequence;  ///< Last acknowledged (forward) or stored (mirror) at the hub.
  std::optional<Instant> last_contact;  ///< When the other side was last heard.
  std::string last_error;
};

struct MessageState {
  std::string_view state;  ///< "queued", "sent", "in doubt", "stored" or "refused".
  StreamSeq hub_sequence;  ///< Of a stored one, where it is known.
  std::string why;         ///< Of a refused one.
};

struct MessageStatus {
  StreamSeq sequence;
  MessageState state;
};

/// {"way","pending","queued","lag","inFlight","inDoubt","refused","hubStream"?,"hubSequence",
/// "lastContact"?,"lastError"?,"messages"?}
std::string sync_status_json(const SyncStatus& status, const std::vector<MessageStatus>& messages,
                             const base::Clock& clock);

}  // namespace frond::sync
