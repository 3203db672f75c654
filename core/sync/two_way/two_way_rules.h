#pragma once
// The rules of two-way sync as pure functions: what a value of the hub means for the local one, and
// how messages look on either side. Used by two_way only; docs/sync.md says why it converges.

#include "stream/stream.h"

#include <frond/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace frond::sync {

/// Which of two values counts that were written without knowing of each other: metadata
/// frond.sync.conflict, in the order of stream::sync_conflict_policies.
enum class ConflictPolicy : std::uint8_t {
  hub_order,  ///< What reaches the hub last: the local one, on top of the hub's.
  hub_wins,
  local_wins,  ///< As hub_order, and also where both sides have no common past.
  ask,         ///< What the app makes of both.
};

/// The last value of a subject at the hub, valid during the call.
struct HubValue {
  StreamSeq sequence;
  WallTime time{};
  std::string_view subject;
  std::string_view header;
  std::string_view payload;
};

/// How the local stream stands to a value of the hub.
struct Standing {
  bool here = false;       ///< There is a local value.
  bool open = false;       ///< It is a local write that the hub is not known to have.
  bool unknown = false;    ///< It comes from another hub, or nobody knows: begin with both sides.
  bool had = false;        ///< The hub's value has been looked at already.
  bool same = false;       ///< Both have the same value.
  bool hub_newer = false;  ///< By the times at which the sides stored them.
};
enum class Verdict : std::uint8_t {
  known,  ///< Nothing is to be done.
  store,  ///< The hub's value becomes the local one; open writes of the subject are given up.
  top,    ///< The local one goes up, on top of the hub's.
  ask,    ///< The app decides.
};
Verdict judge(const Standing& standing, ConflictPolicy policy);

/// What the header of a local message says when it came from the hub. A message that carries such a
/// header at another place is a copy that a client has published: a local write.
struct HubMark {
  StreamSeq hub;             ///< Its sequence there.
  std::string_view lineage;  ///< Of which hub stream (TwoWayState::lineage).
};
std::optional<HubMark> hub_mark(const stream::StoredMessage& message);

/// The header under which a hub's message is stored as `local`: with our mark, without what was
/// said to the hub.
std::string header_from_hub(std::string_view header, StreamSeq local, const HubMark& mark,
                            const stream::StreamConfig& config);
/// The header of the delete marker that stands for a value that the hub does not have any more.
std::string header_of_gone(StreamSeq local, const HubMark& mark);
/// The header of a local message on its way up: `expected` is the hub's last sequence of the
/// subject.
std::string header_to_hub(std::string_view header, std::string_view message_id, StreamSeq expected);
/// What the app's answer to a conflict is stored with.
std::string header_of_merged(std::string_view header);

/// The hub removes everything else with this message.
bool rolls_up_all(std::string_view header);
/// A deleted or purged key.
bool is_delete_marker(std::string_view header);
/// The same payload, and the same kind of message.
bool same_value(const stream::StoredMessage& mine, const HubValue& value);

/// The number in "wrong last sequence: 17"; nothing when the hub does not say it.
std::optional<StreamSeq> actual_last_sequence(std::string_view description);

}  // namespace frond::sync
