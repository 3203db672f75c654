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
#include "sync/forward_state.h"
#include "sync/remote_reader.h"
#include "sync/sync_context.h"
#include "sync/sync_status.h"

#include <frond/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace frond::sync {

class Forward final : public RemoteReaderUser, public stream::StreamListener, public InboxHandler {
 public:
  /// `stream` has metadata frond.forward; `directory` is where its files are ("streams/ORD").
  Forward(SyncContext& context, stream::Stream& stream, std::string directory);
  ~Forward() override;

  /// The link is online / no longer.
  void up(Instant now);
  void down(Instant now);
  void tick(Instant now);
  Instant next_deadline() const;
  SyncStatus status() const;
  /// The local stream is being deleted: its state file goes too.
  void forget();

  // RemoteReaderUser: the look for messages in doubt.
  ReadStart read_from() override;
  void on_reading(StreamSeq before, std::uint64_t pending, Instant now) override;
  void on_remote(const RemoteMessage& message, Instant now) override;
  void on_heartbeat(Instant now) override;
  void on_read_error(const stream::ApiError& error, Instant now) override;
  void on_flow_control(std::string_view reply, Instant now) override;

  // stream::StreamListener.
  void on_messages(stream::Stream& stream) override;
  void on_removed(stream::Stream& stream) override;
  void on_reloaded(stream::Stream& stream) override;

  // InboxHandler: PubAcks.
  void on_inbox(InboxId inbox, std::string_view target, const base::Message& message,
                Instant now) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace frond::sync
