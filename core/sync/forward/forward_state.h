#pragma once
// What a forwarder must remember over a restart, as its file forward.state: small JSON, written
// whole through the journal. A stale copy costs work, never a message: everything above `acked` is
// looked up at the hub before it is sent again.

#include "sync/forward/forward_epochs.h"

#include <frond/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace frond::sync {

/// How far one stream of the hub is known: everything of ours that is acknowledged is at or below.
/// What stands at `sequence` is remembered as far as it is known, to find out that a hub lost its
/// end and went on.
struct HubPosition {
  std::string created;  ///< As the hub's JSON says it; empty when unknown.
  StreamSeq sequence;
  std::string id;         ///< Of our message there, behind the prefix; empty when unknown.
  std::int64_t time = 0;  ///< The hub's, nanoseconds; 0 when unknown.
};

struct ForwardState {
  std::int64_t stream_created = 0;  ///< Nanoseconds: which incarnation of the local stream,
  std::string stream_identity;      ///< and its random name. Empty in files of 0.1.0.
  /// The node's name in the ids of this stream, whatever it is called later: under another one the
  /// hub would know none of its messages again. Empty in older files.
  std::string node;
  StreamSeq acked;       ///< All up to here are settled: stored at the hub or refused.
  StreamSeq claimed;     ///< Nothing above has ever been sent. Durable before anything up to it is.
  ForwardEpochs epochs;  ///< None in files of 0.1.0.
  std::map<std::string, HubPosition> hub_streams;
  std::string hub_stream;  ///< Of the last acknowledged message,
  StreamSeq hub_sequence;  ///< and its sequence there.
  std::uint64_t refused = 0;
  std::string last_error;  ///< Of the last refused message.
};

std::string forward_state_json(const ForwardState& state);
/// Nothing when the text is not one.
std::optional<ForwardState> forward_state_parse(std::string_view text);

}  // namespace frond::sync
