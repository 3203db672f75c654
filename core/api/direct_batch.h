#pragma once
// Direct gets that are answered with many messages (DG-02 to DG-04): each a long answer that reads
// the stream as its asker reads it. Started by direct_api.

#include "api/call.h"
#include "api/message_get.h"
#include "stream/stream.h"
#include "subject/filter_set.h"

#include <string>
#include <vector>

namespace frond::api {

/// The message's own header with its place in the stream.
std::string direct_header(const stream::Stream& stream, const stream::StoredMessage& message);

/// What matches from a sequence on, as far as the stream reaches now.
void answer_following(Call& call, stream::Stream& stream, const MessageGet& get,
                      subject::FilterSet filters, StreamSeq from);
/// The messages with these sequences, which were the last ones of their subjects at `up_to`.
void answer_lasts(Call& call, const stream::Stream& stream, const MessageGet& get,
                  std::vector<StreamSeq> sequences, StreamSeq up_to);

}  // namespace frond::api
