#pragma once
// All synced streams of the node. The engine tells it of streams (from its
// stream::StreamsListener), of the link and of time; asks it for `$FROND.SYNC.INFO.<stream>`, and
// what of a subject crosses the link. Finds out by the table of ways (syncs.cc) which of them a
// config asks for, and knows nothing more of any. One per engine.
//
// What the engine wiring must do besides:
//  - implement SyncLink: open() subscribes the literal subject for the engine's internal sink;
//  - call stream_created before the stream's subjects are subscribed, so that crossings() already
//    knows them when their interest is announced; the same for streams found by recovery;
//  - ask crossings() before the link takes or announces a subject, and before a stream stores what
//    came over it;
//  - call up() when the link is online and down() on every other state.

#include "stream/stream.h"
#include "sync/crossings.h"
#include "sync/sync_context.h"
#include "sync/sync_status.h"
#include "sync/way.h"

#include <frond/types.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace frond::sync {

class Syncs {
 public:
  explicit Syncs(SyncContext context);
  ~Syncs();
  Syncs(const Syncs&) = delete;
  Syncs& operator=(const Syncs&) = delete;

  /// `directory` is where the stream's files are ("streams/ORD").
  void stream_created(stream::Stream& stream, std::string_view directory, Instant now);
  /// The part of the config that asks for sync may have changed.
  void stream_updated(stream::Stream& stream, std::string_view directory, Instant now);
  /// Before the stream is destroyed.
  void stream_deleted(stream::Stream& stream);

  void up(Instant now);
  void down(Instant now);
  void tick(Instant now);
  Instant next_deadline() const;

  /// Nothing for a stream without sync.
  std::optional<SyncStatus> status(std::string_view stream) const;
  /// No state for a stream without sync.
  MessageState message(std::string_view stream, StreamSeq sequence) const;
  /// Of each source, in the order of the config; empty for a stream without any.
  std::vector<stream::Stream::OriginStatus> origins(std::string_view stream) const;
  const Crossings& crossings() const;

 private:
  struct Synced {
    stream::Stream* stream = nullptr;
    const WayKind* kind = nullptr;
    std::string settings;
    std::unique_ptr<Way> way;
    std::string held_back;  // Why there is no way.
  };

  const Way* way_of(std::string_view stream) const;
  void add(stream::Stream& stream, std::string_view directory, WayStart start, Instant now);

  SyncContext context_;
  std::map<std::string, Synced, std::less<>> synced_;
  bool is_up_ = false;
  /// Made anew when it is asked for after streams have changed.
  mutable Crossings crossings_;
  mutable bool crossings_are_old_ = false;
};

}  // namespace frond::sync
