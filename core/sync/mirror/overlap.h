#pragma once
// The end of a mirror's copy, which it reads again before it reads on, and what the origin has
// shown of it so far. A log only ever loses its end: where its newest message is still the same,
// everything before it is. Begun with every consumer; owned by the mirror.

#include "base/message.h"
#include "stream/stream.h"
#include "sync/remote_reader.h"

#include <frond/types.h>

#include <optional>
#include <string_view>

namespace frond::sync {

class Overlap {
 public:
  /// Where to read from: the last messages that are durable here.
  StreamSeq begin(stream::Stream& copy);
  /// Nothing is compared: what the copy has is known to be right.
  void skip() { waiting_ = false; }

  enum class Seen : std::uint8_t {
    gone_here,  ///< Nothing to compare with.
    same,
    other,
  };
  /// A message of the origin at a sequence that the copy has passed; `header` as it would be kept.
  Seen see(stream::Stream& copy, const RemoteMessage& message, std::string_view header);

  /// The copy's newest message has not come up yet.
  bool waiting() const { return waiting_; }
  StreamSeq start() const { return start_; }
  /// The last message that is the same on both sides; none when there was none.
  StreamSeq agreed() const { return agreed_; }
  /// The first one behind it that the origin has and the copy has not; none when there was none.
  /// It was removed here, or the origin has got it since.
  StreamSeq lacking() const { return lacking_; }

 private:
  bool waiting_ = false;
  StreamSeq start_, newest_, agreed_, lacking_;
};

}  // namespace frond::sync
