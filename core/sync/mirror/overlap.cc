#include "sync/mirror/overlap.h"

#include "base/limits.h"

#include <algorithm>

namespace frond::sync {

StreamSeq Overlap::begin(stream::Stream& copy) {
  agreed_ = lacking_ = {};
  const StreamSeq durable = copy.durable_last();
  start_ = durable.next();
  const auto newest = copy.last_for(">");
  newest_ = newest ? newest->sequence : newest.unreadable.value_or(StreamSeq{});
  waiting_ = !newest_.none();
  const StreamSeq end = std::min(newest_, durable);
  std::uint64_t messages = 0;
  std::size_t bytes = 0;
  for (StreamSeq at = end; !at.none() && end.value - at.value < base::mirror_overlap_sequences &&
                           messages < base::mirror_overlap_messages;
       at = at.previous()) {
    const auto message = copy.get(at);
    if (!message) {
      continue;
    }
    bytes += message->header.size() + message->payload.size();
    if (messages > 0 && bytes > base::mirror_overlap_bytes) {
      break;
    }
    ++messages;
    start_ = at;
  }
  return start_;
}

Overlap::Seen Overlap::see(stream::Stream& copy, const RemoteMessage& message,
                           std::string_view header) {
  const auto time = copy.time_of(message.sequence);
  if (!time) {
    lacking_ = lacking_.none() ? message.sequence : lacking_;
    return Seen::gone_here;
  }
  const auto own = copy.get(message.sequence);
  if (!own) {
    // Not to be read now: its time alone tells nearly as much.
    return *time == message.time ? Seen::gone_here : Seen::other;
  }
  if (own->time != message.time || own->subject != message.message.subject ||
      own->header != header || own->payload != message.message.payload) {
    return Seen::other;
  }
  agreed_ = message.sequence;
  lacking_ = {};
  waiting_ = waiting_ && agreed_ < newest_;
  return Seen::same;
}

}  // namespace frond::sync
