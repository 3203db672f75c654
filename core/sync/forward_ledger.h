#pragma once
// What a forwarder must remember over a restart, and when it is written to its file forward.state.
// Before a message is sent it is claimed: the file says durably that messages up to a chunk ahead
// may have been sent, so that the node that comes after a crash knows which are in doubt. Acks move
// the ack floor, which is saved lazily: a stale floor costs a look-up at the hub, never a message.
// Between forward and the journal; lives as long as its forwarder.

#include "stream/stream.h"
#include "sync/forward_flights.h"
#include "sync/forward_state.h"
#include "sync/sync_context.h"

#include <frond/types.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace frond::sync {

class ForwardLedger {
 public:
  /// Reads `directory`/forward.state; a file of an earlier incarnation of the stream is forgotten.
  ForwardLedger(SyncContext& context, const stream::Stream& stream, const std::string& directory);

  const ForwardState& state() const { return state_; }
  /// Everything up to here is settled; `place` is where the hub keeps it, nothing when it does not.
  void settled(StreamSeq sequence, const std::optional<HubPlace>& place);
  /// The hub's last ack, for status().
  void acknowledged(const HubPlace& place);
  void refused(std::string why);
  /// How far each of the hub's streams is known to be free of messages in doubt. Streams that are
  /// not named are forgotten.
  void set_positions(std::map<std::string, HubPosition> positions);

  bool claimed(StreamSeq sequence) const { return sequence <= claimed_durable_; }
  /// Claims a chunk from `sequence` on; `done` is told whether that is durable. One at a time.
  void claim(StreamSeq sequence, std::function<void(bool durable)> done);
  bool claiming() const { return claiming_; }
  /// Nothing above `last_sent` has been sent: it shall not be in doubt later.
  void shrink_claim(StreamSeq last_sent);

  void save();
  void save_soon(Instant now);
  /// The file may have been in a commit that failed.
  void save_again();
  void tick(Instant now);
  Instant next_deadline() const { return save_at_; }
  /// The stream is being deleted.
  void forget();

 private:
  SyncContext& context_;
  std::string path_;
  ForwardState state_;
  StreamSeq claimed_durable_;
  bool claiming_ = false;
  Instant save_at_ = kNever;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // For actions in the gate.
};

}  // namespace frond::sync
