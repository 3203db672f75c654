// Direct get (JA-21, DG-01 to DG-04): raw messages with their place in the stream as headers,
// alone, in batches, or the last ones of many subjects as of one moment. Not JSON, so no table of
// errors: status lines.

#include "api/call.h"
#include "api/direct_batch.h"
#include "api/handlers.h"
#include "api/message_get.h"
#include "base/limits.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace frond::api {
namespace {

using wire::Json;

/// One message alone. What is shown must not vanish again: it waits until it is saved.
void answer_one(Call& call, const stream::Stream& stream, const stream::StoredMessage& message,
                bool with_header) {
  const Ticket ticket = message.sequence > stream.durable_last() ? stream.ticket() : Ticket{0};
  const std::string target(call.request.reply);
  call.services.gate.hold(ticket,
                          {target, with_header ? direct_header(stream, message) : std::string(),
                           std::string(message.payload)},
                          {target, "NATS/1.0 404 Message Not Found\r\n\r\n", {}});
}

void multi_last(Call& call, stream::Stream& stream, const MessageGet& get) {
  const stream::StreamState state = stream.state();
  StreamSeq up_to = get.up_to.none() ? state.last : get.up_to;
  if (get.up_to_time) {
    const StreamSeq after = stream.first_at(*get.up_to_time);
    up_to = after.none() ? state.last : after.previous();
    if (!after.none() && after <= state.first) {
      return call.status("404 No Results");
    }
  }
  std::vector<StreamSeq> sequences = stream.last_per_subject(get.multi_last, up_to);
  if (sequences.size() > base::direct_get_subjects_max) {
    return call.status("413 Too Many Results");
  }
  if (sequences.empty()) {
    return call.status("404 No Results");
  }
  answer_lasts(call, stream, get, std::move(sequences), up_to);
}

void one_or_batch(Call& call, stream::Stream& stream, const MessageGet& get) {
  constexpr std::string_view not_found = "404 Message Not Found";
  StreamSeq from = get.sequence;
  if (get.start_time) {
    from = stream.first_at(*get.start_time);
    if (from.none()) {
      return call.status(not_found);
    }
  }
  subject::FilterSet filters = subject::FilterSet::one(get.next_for);
  if (get.batch < 0) {
    return answer_following(call, stream, get, std::move(filters), from);  // Of no messages.
  }
  if (get.batch == 0) {
    const auto message = !get.last_for.empty()  ? stream.last_for(get.last_for)
                         : get.next_for.empty() ? stream.get(from)
                                                : stream.next_for(filters, from);
    if (message.unreadable) {
      return call.status(unreadable);
    }
    return message ? answer_one(call, stream, *message, !get.no_headers) : call.status(not_found);
  }
  const stream::Lookup first = stream.next_for(filters, from);
  if (!first && !first.unreadable) {
    return call.status(not_found);
  }
  answer_following(call, stream, get, std::move(filters), from);
}

/// Nothing asked for: "408 Empty Request". Options that exclude each other: "408 Bad Request".
bool check(Call& call, const MessageGet& get) {
  const bool sequence = !get.sequence.none();
  const bool last = !get.last_for.empty();
  const bool next = !get.next_for.empty();
  const bool multi = !get.multi_last.empty();
  const bool time = get.start_time.has_value();
  if (!sequence && !last && !next && !multi && !time) {
    call.status("408 Empty Request");
    return false;
  }
  if ((sequence && last) || (sequence && time) || (time && last) || (last && next) ||
      (last && get.batch > 0) || (last && multi) || (next && multi) ||
      (!get.up_to.none() && get.up_to_time)) {
    call.status("408 Bad Request");
    return false;
  }
  return true;
}

}  // namespace

void direct_get(Call& call) {
  if (call.request.reply.empty()) {
    return;
  }
  stream::Stream* stream = call.services.streams.find(call.token(4));
  if (stream == nullptr || !stream->config().allow_direct) {
    return call.no_responders();  // Without allow_direct nobody listens here.
  }
  const std::string_view key = call.rest(5);
  const std::string_view text = call.request.payload;
  if (text.empty() && key.empty()) {
    return call.status("408 Empty Request");
  }
  MessageGet get;
  Json body;
  if (!text.empty() && (!wire::parse_json(text, body).empty() || !body.is_object() ||
                        !read_message_get(body, false, get).empty())) {
    return call.status("408 Malformed Request");
  }
  if (!key.empty()) {
    const bool more = !get.last_for.empty() || !get.next_for.empty() || !get.multi_last.empty() ||
                      !get.sequence.none() || get.batch != 0 || get.start_time ||
                      !get.up_to.none() || get.up_to_time;
    if (more) {
      return call.status("408 Bad Request");
    }
    get.last_for = key;
  }
  if (!check(call, get)) {
    return;
  }
  if (!get.multi_last.empty()) {
    multi_last(call, *stream, get);
  } else {
    one_or_batch(call, *stream, get);
  }
}

}  // namespace frond::api
