// Direct get (JA-21, DG-01 to DG-04): raw messages with their place in the stream as headers,
// alone, in batches, or the last ones of many subjects as of one moment. Not JSON, so no table of
// errors: status lines.

#include "api/call.h"
#include "api/handlers.h"
#include "api/message_get.h"
#include "base/limits.h"
#include "base/time_text.h"
#include "wire/headers.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace frond::api {
namespace {

using wire::Json;

/// One direct get in progress: the stream and what has gone out so far.
class Answer {
 public:
  Answer(Call& call, stream::Stream& stream, const MessageGet& get)
      : call_(call), stream_(stream), get_(get) {
    bytes_left_ = get.max_bytes > 0 ? get.max_bytes : base::direct_get_bytes_max;
  }

  /// Sends one message; `pending` is set in batches. False when no more may follow.
  bool send(const stream::StoredMessage& message, std::optional<std::uint64_t> pending) {
    std::string header;
    if (!get_.no_headers || pending_always_) {
      header = message.header;
      wire::header_append(header, "Nats-Stream", stream_.config().name);
      wire::header_append(header, "Nats-Subject", message.subject);
      wire::header_append(header, "Nats-Sequence", std::to_string(message.sequence.value));
      wire::header_append(header, "Nats-Time-Stamp", base::rfc3339_format(message.time));
      if (pending) {
        wire::header_append(header, "Nats-Num-Pending", std::to_string(*pending));
        wire::header_append(header, "Nats-Last-Sequence", std::to_string(last_.value));
      }
    }
    last_ = message.sequence;
    ++sent_;
    bytes_left_ -= static_cast<std::int64_t>(message.subject.size() + message.header.size() +
                                             message.payload.size());
    // What is shown must not vanish again: it and all behind it wait until it is saved.
    if (message.sequence > stream_.durable_last()) {
      ticket_ = std::max(ticket_, stream_.ticket());
    }
    hold(std::move(header), std::string(message.payload));
    return bytes_left_ > 0;
  }

  /// "204 EOB" behind a batch; `up_to` for multi_last.
  void end(std::uint64_t pending, std::optional<StreamSeq> up_to) {
    const std::string pending_text = std::to_string(pending);
    const std::string last_text = std::to_string(last_.value);
    const std::string up_to_text = up_to ? std::to_string(up_to->value) : std::string();
    wire::HeaderFields fields{{"Nats-Num-Pending", pending_text},
                              {"Nats-Last-Sequence", last_text}};
    if (up_to) {
      fields.emplace_back("Nats-UpTo-Sequence", up_to_text);
    }
    hold(wire::header_block("204", "EOB", fields), {});
  }

  /// Multi answers carry their headers whatever the request says, as nats-server's do.
  void always_with_headers() { pending_always_ = true; }
  std::int64_t sent() const { return sent_; }

 private:
  void hold(std::string header, std::string payload) {
    const std::string target(call_.request.reply);
    call_.services.gate.hold(ticket_, {target, std::move(header), std::move(payload)},
                             {target, "NATS/1.0 404 Message Not Found\r\n\r\n", {}});
  }

  Call& call_;
  stream::Stream& stream_;
  const MessageGet& get_;
  bool pending_always_ = false;
  std::int64_t bytes_left_ = 0;
  std::int64_t sent_ = 0;
  StreamSeq last_;
  Ticket ticket_{0};
};

/// The last sequence of each matching subject at or below `up_to`, ascending.
std::vector<StreamSeq> lasts_at(stream::Stream& stream, const MessageGet& get, StreamSeq up_to) {
  std::vector<StreamSeq> out;
  if (up_to >= stream.state().last) {
    out = stream.last_per_subject(get.multi_last);
  } else {
    // A look back: only the log itself knows what was the last one then.
    std::map<std::string, StreamSeq, std::less<>> lasts;
    StreamSeq from{1};
    while (const auto message = stream.next_for(get.multi_last, from)) {
      if (message->sequence > up_to) {
        break;
      }
      from = message->sequence.next();
      const auto known = lasts.find(message->subject);
      if (known != lasts.end()) {
        known->second = message->sequence;
      } else {
        lasts.emplace(message->subject, message->sequence);
      }
    }
    for (const auto& [subject, sequence] : lasts) {
      out.push_back(sequence);
    }
    std::ranges::sort(out);
  }
  return out;
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
  const std::vector<StreamSeq> sequences = lasts_at(stream, get, up_to);
  if (sequences.size() > base::direct_get_subjects_max) {
    return call.status("413 Too Many Results");
  }
  if (sequences.empty()) {
    return call.status("404 No Results");
  }
  Answer answer(call, stream, get);
  answer.always_with_headers();
  std::uint64_t left = sequences.size();
  for (const StreamSeq sequence : sequences) {
    --left;
    if (sequence < get.sequence) {
      continue;
    }
    const auto message = stream.get(sequence);
    if (!message) {
      return call.status("404 Message Not Found");
    }
    if (!answer.send(*message, left) || (get.batch > 0 && answer.sent() >= get.batch)) {
      break;
    }
  }
  answer.end(left, up_to);
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
  Answer answer(call, stream, get);
  const std::vector<std::string> filters =
      get.next_for.empty() ? std::vector<std::string>{} : std::vector<std::string>{get.next_for};
  if (get.batch <= 0) {
    const auto message = !get.last_for.empty() ? stream.last_for(get.last_for)
                         : filters.empty()     ? stream.get(from)
                                               : stream.next_for(filters, from);
    return message ? static_cast<void>(answer.send(*message, std::nullopt))
                   : call.status(not_found);
  }
  std::uint64_t pending = stream.count_from(filters, from);
  for (std::int64_t i = 0; i < get.batch; ++i) {
    const auto message = stream.next_for(filters, from);
    if (!message) {
      break;
    }
    from = message->sequence.next();
    pending -= pending > 0 ? 1 : 0;
    if (!answer.send(*message, pending)) {
      break;
    }
  }
  if (answer.sent() == 0) {
    return call.status(not_found);
  }
  answer.end(pending, std::nullopt);
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
