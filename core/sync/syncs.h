#pragma once
// All mirrors and forwarders of the node, by stream. The engine tells it of streams (from its
// stream::StreamsListener), of the link and of time, asks it for `$FROND.SYNC.INFO.<stream>`, and
// asks it which subjects sync carries (leaf::SyncedSubjects). One per engine.
//
// What the engine wiring must do besides:
//  - implement SyncLink: open() subscribes the literal subject for the engine's internal sink;
//  - call stream_created before the stream's subjects are subscribed, so that captures() already
//    knows them when their interest is announced; the same for streams found by recovery;
//  - not let a forwarded stream capture what arrives from the hub by interest (a message from the
//    sink of kind `hub` on a subject for which forwards() is true): it is not of local origin;
//  - call up() when the link is online and down() on every other state.

#include "stream/stream.h"
#include "sync/sync_context.h"
#include "sync/sync_status.h"

#include <frond/types.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace frond::sync {

class Syncs {
 public:
  explicit Syncs(SyncContext context);
  ~Syncs();
  Syncs(const Syncs&) = delete;
  Syncs& operator=(const Syncs&) = delete;

  /// `directory` is where the stream's files are ("streams/ORD").
  void stream_created(stream::Stream& stream, std::string_view directory, Instant now);
  /// The mirror or forward part of the config may have changed.
  void stream_updated(stream::Stream& stream, std::string_view directory, Instant now);
  /// Before the stream is destroyed.
  void stream_deleted(stream::Stream& stream);

  void up(Instant now);
  void down(Instant now);
  void tick(Instant now);
  Instant next_deadline() const;

  /// Nothing for a stream without sync.
  std::optional<SyncStatus> status(std::string_view stream) const;
  bool forwards(std::string_view subject) const;
  bool captures(std::string_view subject) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace frond::sync
