#pragma once
// A way of syncing one stream: mirror, source, forward and two-way, each in the folder of its name.
// This is all that Syncs, which owns them, knows of any of them. A way is made when a config asks
// for it (or is found asking for it when the store is opened) and ends with the stream, or when its
// part of the config changes; then another one is made from the new config.
//
// In each input: up() and down() follow the link, tick() comes at the end, after the stream's
// listeners have been told what is new; what it sends then leaves with that input.

#include "stream/stream.h"
#include "sync/sync_context.h"
#include "sync/sync_status.h"

#include <frond/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace frond::sync {

/// How what is published on the stream's subjects comes across the link, in both directions.
enum class Crossing : std::uint8_t {
  by_interest,  ///< As if the stream were not synced.
  by_sync,      ///< The way carries it, and nothing else may: see Crossings.
};

/// Why a way begins.
enum class WayStart : std::uint8_t {
  opened,  ///< Its stream was found in the store, or is new. A state file that is missing was lost.
  enabled,  ///< The stream was there; without a state file it has never been synced this way.
};

class Way {
 public:
  virtual ~Way() = default;

  /// Once, before the first up(). A way that works without the link begins here.
  virtual void begin(Instant) {}
  /// The link is online / no longer. They come in turns, up() first.
  virtual void up(Instant now) = 0;
  virtual void down(Instant now) = 0;
  /// At the end of every input; `next_deadline` says by when one is due.
  virtual void tick(Instant now) = 0;
  virtual Instant next_deadline() const = 0;

  virtual SyncStatus status() const = 0;
  /// What became of one message of the stream; no state for one of which nothing is known.
  virtual MessageState message(StreamSeq) const { return {}; }
  /// Of each source, in the order of the config.
  virtual std::vector<stream::Stream::OriginStatus> origins() const { return {}; }

  /// The stream is being deleted: what the way keeps beside it goes too.
  virtual void forget() = 0;
};

/// What there is to know of a way before it is made. Each folder has one of these; Syncs has the
/// table of them.
struct WayKind {
  std::string_view name;  ///< As the status tells it.
  Crossing crossing = Crossing::by_interest;
  /// Everything of the config that the way depends on, as text: when it has become another one, the
  /// way begins anew. None: the config does not ask for it.
  std::optional<std::string> (*settings)(const stream::StreamConfig& config) = nullptr;
  /// `directory` is where the stream's files are ("streams/ORD"). The config has passed check_sync.
  std::unique_ptr<Way> (*make)(SyncContext& context, stream::Stream& stream,
                               const std::string& directory, WayStart start) = nullptr;
};

}  // namespace frond::sync
