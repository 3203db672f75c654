#pragma once
// Store and forward: every durable message of a local stream is published at the hub, on its own
// subject, in order and exactly once (design section 6). Reads the stream, publishes through
// SyncLink::send_to_hub, settles each message by the hub's PubAck.
//
// Exactly once: each message carries Nats-Msg-Id "<node>:<stream>:<created>:<sequence>" (the app's
// own becomes Frond-Msg-Id). The hub's duplicate window covers short gaps. After a lost link, a
// restart or a missing ack, what may have been sent is in doubt: the hub's stream is read from the
// last acknowledged hub sequence on, headers only, and what is found there is struck.
//
// Order: up to a window of messages are in flight. After a timeout or a refusal that may pass,
// nothing more is sent until the doubt is settled; then one at a time until an ack arrives. With
// metadata `frond.forward.window` = "1" a message is never sent before its predecessor is settled.
//
// A message that the hub refuses for good is skipped, counted, told on
// `$FROND.ADVISORY.SYNC.REFUSED.<stream>` and stays in the local stream.

#include "stream/stream.h"
#include "sync/sync_context.h"
#include "sync/sync_status.h"

#include <frond/types.h>

#include <memory>
#include <string>
#include <string_view>

namespace frond::sync {

class Forward {
 public:
  /// `stream` has metadata frond.forward; `directory` is where its files are ("streams/ORD").
  Forward(SyncContext& context, stream::Stream& stream, std::string directory);
  ~Forward();
  Forward(const Forward&) = delete;
  Forward& operator=(const Forward&) = delete;

  /// The link is online / no longer.
  void up(Instant now);
  void down(Instant now);
  /// At the end of every input: sends what has become durable.
  void tick(Instant now);
  Instant next_deadline() const;
  SyncStatus status() const;
  /// The local stream is being deleted: its state file goes too.
  void forget();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Metadata that makes a stream a forwarder; the value is the hub's domain, which may be empty.
inline constexpr std::string_view forward_metadata = "frond.forward";
/// How many messages may be in flight: "1" .. limits' forward_window_messages.
inline constexpr std::string_view forward_window_metadata = "frond.forward.window";

}  // namespace frond::sync
