#pragma once
// The forwarder's rules for one message: how it looks at the hub, and what an answer to it means.
// Pure functions used by forward only.

#include "stream/error.h"

#include <frond/types.h>

#include <string>
#include <string_view>

namespace frond::sync {

/// Where the message is published: its own subject, except that KV and object writes go through the
/// domain's mapped subjects, because the plain ones stay on each side of a link
/// (leafnode-protocol 14).
std::string forward_target(std::string_view subject, std::string_view domain);

/// The message's header with our Nats-Msg-Id. The app's own id becomes Frond-Msg-Id;
/// Nats-Expected-* and Nats-Batch-* go, they were conditions on the local stream. Everything else
/// stays, also Nats-Rollup (a KV purge is one) and Nats-TTL.
std::string forward_header(std::string_view header, std::string_view message_id);

/// The error may pass by itself (no leader, no space, a limit that may be lifted): try again.
/// All others are the hub's last word on this message.
bool forward_may_pass(const stream::ApiError& error);

/// The answer says that nobody listens.
bool forward_is_no_responders(std::string_view header);

/// Body of `$FROND.ADVISORY.SYNC.REFUSED.<stream>`.
std::string forward_refused_json(std::string_view stream, StreamSeq sequence,
                                 std::string_view subject, const stream::ApiError& error);

}  // namespace frond::sync
