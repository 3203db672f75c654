#pragma once
// The forwarder's rules for one message: how it looks at the hub, and what an answer to it means.
// Pure functions used by forward only.

#include "stream/error.h"
#include "stream/stream.h"

#include <frond/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace frond::sync {

/// What the Nats-Msg-Id of a forwarded message says of it behind the part that all ids of a stream
/// share: "<node>:<stream>:<created>:" and then "<epoch>:<sequence>:<time>:<sum>". Sequence and
/// time name the message among all that the store ever held, as long as no clock was set back; the
/// epoch (forward_epochs.h) tells apart even copies of the store that ran on by themselves, and the
/// sum two messages that one sequence was given to while the stored times stood still.
struct ForwardId {
  std::string_view epoch;  ///< Empty in ids of 0.1.0, which ended "<sequence>".
  StreamSeq sequence;
  std::optional<WallTime> time;      ///< When the local stream stored it; absent in ids of 0.1.0.
  std::optional<std::uint32_t> sum;  ///< forward_sum() of it; absent in older ids.
};
std::string forward_id_prefix(std::string_view node, std::string_view stream, WallTime created);
/// The rest of the id; an empty epoch gives the form of 0.1.0.
std::string forward_id_rest(std::string_view epoch, StreamSeq sequence, WallTime time,
                            std::uint32_t sum);
/// Of what the message says: subject, header, payload.
std::uint32_t forward_sum(const stream::StoredMessage& message);
/// Nothing when it is not one. The result refers to `rest`.
std::optional<ForwardId> forward_id_parse(std::string_view rest);

/// Where the message is published: its own subject, except that KV and object writes go through the
/// domain's mapped subjects, because the plain ones stay on each side of a link
/// (leafnode-protocol 14).
std::string forward_target(std::string_view subject, std::string_view domain);

/// The message's header with our Nats-Msg-Id. The app's own id becomes Frond-Msg-Id;
/// Nats-Expected-* and Nats-Batch-* go, they were conditions on the local stream. Everything else
/// stays, also Nats-Rollup (a KV purge is one) and Nats-TTL.
std::string forward_header(std::string_view header, std::string_view message_id);

/// What an error in place of an ack means.
enum class ForwardRefusal : std::uint8_t {
  final,    ///< Something about this message: the hub will never take it.
  passing,  ///< Something about the hub (no leader, no space, a limit): try again. Not stored.
  unsure,   ///< As passing, but the hub may have stored it before it failed.
};
ForwardRefusal forward_refusal(const stream::ApiError& error);

/// The answer says that nobody listens.
bool forward_is_no_responders(std::string_view header);

/// Body of `$FROND.ADVISORY.SYNC.REFUSED.<stream>`; `letter` is where it is kept, if it is.
std::string forward_refused_json(std::string_view stream, StreamSeq sequence,
                                 std::string_view subject, const stream::ApiError& error,
                                 StreamSeq letter);

}  // namespace frond::sync
