#pragma once
// Where a message goes that the hub will never take: into the stream "<stream>_REFUSED" of the same
// node, made with the first such message. There it stands under
// "$FROND.REFUSED.<stream>.<sequence>.<its subject>", with its headers (those that would act on
// that stream are renamed) and the hub's error. Between the ways that send to a hub and the node's
// streams; one per engine.
//
// A letter is known by the message that it is of, so that one that was put there before a crash is
// found and not put there again.

#include "stream/streams.h"

#include <frond/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace frond::sync {

std::string dead_letter_stream(std::string_view stream);

struct DeadLetter {
  const stream::Stream& from;
  stream::StoredMessage message;
  std::string_view id;       ///< Of the message, for all time.
  std::string_view sent_as;  ///< Its Nats-Msg-Id at the hub.
  const stream::ApiError& why;
};
std::string dead_letter_header(const DeadLetter& letter);

class DeadLetters {
 public:
  explicit DeadLetters(stream::Streams& streams) : streams_(streams) {}

  /// The result as of any publish: it is safe when the ticket is durable.
  stream::IngestResult put(const DeadLetter& letter, Instant now);
  /// Why the message with this sequence was refused, while its letter is there.
  std::optional<std::string> why(std::string_view stream, StreamSeq sequence);

 private:
  stream::Streams& streams_;
};

}  // namespace frond::sync
