#pragma once
// What a forwarder must remember over a restart, as its file forward.state: small JSON, written
// whole through the journal. A stale copy costs work, never a message: everything above `acked` is
// looked up at the hub before it is sent again.

#include <frond/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace frond::sync {

struct ForwardState {
  std::int64_t stream_created = 0;  ///< Nanoseconds: which incarnation of the local stream.
  StreamSeq acked;                  ///< All up to here are settled: stored at the hub or refused.
  StreamSeq claimed;  ///< Nothing above has ever been sent. Durable before anything up to it is.
  std::string hub_stream;
  std::string hub_created;  ///< As the hub's JSON says it; empty when unknown.
  StreamSeq hub_sequence;   ///< Of the last acknowledged message, in hub_stream.
  std::uint64_t refused = 0;
  std::string last_error;
};

std::string forward_state_json(const ForwardState& state);
/// Nothing when the text is not one.
std::optional<ForwardState> forward_state_parse(std::string_view text);

}  // namespace frond::sync
