#pragma once
// What a two-way stream must remember over a restart: its file two_way.state, as JSON. Small
// whatever the stream holds: positions on both sides, and by name only what is unsettled.

#include <frond/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace frond::sync {

struct TwoWayState {
  std::string stream_identity;  ///< Of the local stream; a file of another one is forgotten.
  std::string settings;         ///< Which subjects of which stream of which hub.
  std::string hub_created;      ///< Of the hub's stream, as its JSON says it; empty: never met.
  std::string hub_id;           ///< Of the hub that was read to its end last.
  /// Names the hub's stream as it is known, in the marks of stored messages: another one after it
  /// was made again or has lost its end.
  std::string lineage;

  StreamSeq position;              ///< Everything of the hub up to here has been looked at,
  StreamSeq at_local;              ///< and what of it was stored here ends at this local sequence.
  std::int64_t position_time = 0;  ///< The message at `position`, to know the hub again by.
  std::string position_subject;    ///< Empty when it is not known.

  StreamSeq scanned;               ///< Local messages up to here are settled, except
  std::vector<StreamSeq> open;     ///< these writes, of which nobody knows that the hub has them.
  std::vector<StreamSeq> ahead;    ///< Above `scanned`: the hub has them. Ascending, as `open`.
  std::vector<std::string> looks;  ///< Subjects whose value at the hub must be looked at.
  std::vector<std::string> conflicts;  ///< Subjects for which the app is to be asked.

  bool compare = true;  ///< All last values of the hub must be read before going on.
  bool reseed = true;   ///< And what only this side has goes up: nobody knows what is common.
  /// How many subjects more than the hub this side had when both were compared last.
  std::optional<std::int64_t> surplus;
  std::uint64_t refused = 0;
  std::uint64_t overruled = 0;  ///< Local writes given up for a value of the hub.
  std::string last_error;       ///< Of the last refused message.
};

std::string two_way_state_json(const TwoWayState& state);
/// Nothing when the text is not one.
std::optional<TwoWayState> two_way_state_parse(std::string_view text);

}  // namespace frond::sync
