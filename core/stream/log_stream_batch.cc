// Batches, of which this node takes none.

#include "stream/error_table.h"
#include "stream/log_stream.h"

namespace frond::stream {
namespace {

constexpr std::string_view fast_batch_reply = ".$FI";

}  // namespace

bool LogStream::too_large(const base::Message& message) const {
  return meta_.config.max_msg_size >= 0 && message.header.size() + message.payload.size() >
                                               static_cast<std::size_t>(meta_.config.max_msg_size);
}

/// A part of an atomic batch, or of a fast one, which its reply subject tells: no stream here takes
/// either, and to store it by itself would break the promise of the batch.
ApiError LogStream::check_batch(std::string_view batch_id, const base::Message& message) const {
  const bool fast = message.reply.ends_with(fast_batch_reply);
  if (!fast && batch_id.empty()) {
    return {};
  }
  return api_error(too_large(message) ? 10054 : fast ? 10205 : 10174);
}

}  // namespace frond::stream
