#pragma once
// What an earlier life of the node left without an ack, until the hub's stream has been read: a
// range of the local stream, of which any message may be at the hub or not. Some certainly may
// (they were claimed, or the ledger was lost), the others only if the store is an older copy of one
// that went on. Kept as a range because it may be long; what is found at the hub moves its
// beginning. Owned by forward; of use until the doubt is settled once.

#include "stream/stream.h"
#include "sync/forward/forward_flights.h"
#include "sync/forward/forward_ledger.h"

#include <frond/types.h>

#include <cstdint>
#include <map>
#include <optional>

namespace frond::sync {

class InheritedDoubt {
 public:
  /// In doubt is what lies above `floor`.
  InheritedDoubt(stream::Stream& stream, StreamSeq floor, const ForwardInherited& inherited);

  /// Some message is in doubt.
  bool open() const { return first_in_doubt() <= last_; }
  /// One that must not be sent before the hub's stream was read.
  bool certain() const { return first_in_doubt() <= claimed_; }
  bool covers(StreamSeq sequence) const { return sequence >= from_ && sequence <= last_; }
  std::uint64_t certain_count() const;
  /// The first of them that is at or after `from` and not found.
  std::optional<StreamSeq> next_certain(StreamSeq from) const;
  std::uint64_t found_count() const { return found_.size(); }
  /// When the oldest of them was stored here.
  std::optional<WallTime> oldest() const;

  /// The hub has this message.
  void found(StreamSeq sequence, HubPlace place);
  /// It is kept elsewhere.
  void strike(StreamSeq sequence) { found_.emplace(sequence, std::nullopt); }
  bool struck(StreamSeq sequence) const { return sequence < from_ || found_.contains(sequence); }
  /// Those are settled as well that the hub's stream has no place for before as many later ones of
  /// their subject, which it has; 0: it keeps all.
  void strike_superseded(std::uint64_t kept_per_subject);
  /// The next step of the ack floor.
  std::optional<SettledFlight> take_settled();

  /// What was not found is not there.
  struct Rest {
    StreamSeq from;                                      ///< Everything below is settled.
    std::map<StreamSeq, std::optional<HubPlace>> found;  ///< No place: superseded.
  };
  Rest close();

 private:
  StreamSeq first_in_doubt() const;
  StreamSeq window_before(StreamSeq sequence) const;

  stream::Stream& stream_;
  StreamSeq from_;
  StreamSeq last_;
  StreamSeq claimed_;
  bool blind_;
  std::map<StreamSeq, std::optional<HubPlace>> found_;
};

}  // namespace frond::sync
