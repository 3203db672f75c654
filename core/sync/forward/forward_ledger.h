#pragma once
// What a forwarder must remember over a restart, and when it is written to its file forward.state.
// Before a message is sent it is claimed: the file says durably that messages up to a chunk ahead
// may have been sent, so that the node that comes after a crash knows which are in doubt. Acks move
// the ack floor, which is saved lazily: a stale floor costs a look-up at the hub, never a message.
// Between forward and the journal; lives as long as its forwarder.
//
// The file keeps its predecessor (store/state_file.h). What is read may be of another age than the
// messages (either may have lost its end, or come out of a backup). So nothing that it says of
// sequences above the stream's last is believed, and everything stored from now on is of a new
// epoch.

#include "store/state_file.h"
#include "stream/stream.h"
#include "sync/forward/forward_flights.h"
#include "sync/forward/forward_state.h"
#include "sync/way.h"

#include <frond/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace frond::sync {

/// What an earlier life of the node left without an ack: (floor, last]. Perhaps at the hub.
struct ForwardInherited {
  StreamSeq last;      ///< Of the stream when it was opened.
  StreamSeq claimed;   ///< Those above were never sent, unless the file is older than it should be.
  bool blind = false;  ///< The file was lost: nothing is known of what was sent.
};

class ForwardLedger {
 public:
  /// Reads `directory`/forward.state; a file of an earlier incarnation of the stream is forgotten.
  ForwardLedger(SyncContext& context, const stream::Stream& stream, const std::string& directory,
                WayStart start);

  const ForwardState& state() const { return state_; }
  const ForwardInherited& inherited() const { return inherited_; }
  std::string_view epoch_of(StreamSeq sequence) const { return state_.epochs.of(sequence); }
  /// The hub knows the id of this message from another one.
  void renew_epoch(StreamSeq sequence);
  /// Everything up to here is settled; `place` is where the hub keeps it, nothing when it does not.
  void settled(StreamSeq sequence, const std::optional<HubPlace>& place);
  /// The hub's last ack, for status().
  void acknowledged(const HubPlace& place);
  void refused(std::string why);
  /// How far each of the hub's streams is known to be free of messages in doubt. Streams that are
  /// not named are forgotten.
  void set_positions(std::map<std::string, HubPosition> positions);
  /// Some stream of the hub is known to be free of messages in doubt up to some place.
  bool knows_a_position() const;

  bool claimed(StreamSeq sequence) const { return sequence <= claimed_durable_; }
  /// Claims a chunk from `sequence` on; `done` is told whether that is durable. One at a time.
  void claim(StreamSeq sequence, std::function<void(bool durable)> done);
  bool claiming() const { return claiming_; }
  /// Nothing above `last_sent` has been sent: it shall not be in doubt later.
  void shrink_claim(StreamSeq last_sent);

  /// Written with the next commit, and again when that fails.
  void save();
  void save_soon(Instant now);
  void tick(Instant now);
  Instant next_deadline() const { return save_at_; }
  /// The stream is being deleted.
  void forget();

 private:
  void read(const stream::Stream& stream, WayStart start);
  std::string fresh_epoch();

  SyncContext& context_;
  store::StateFile file_;
  ForwardState state_;
  ForwardInherited inherited_;
  StreamSeq claimed_durable_;
  bool claiming_ = false;
  Instant save_at_ = kNever;
  Instant now_{};                                               // Of the last tick.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // For actions in the gate.
};

}  // namespace frond::sync
