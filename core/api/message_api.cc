// Single messages over the API: STREAM.MSG.GET and STREAM.MSG.DELETE (JA-09, JA-10).

#include "api/call.h"
#include "api/handlers.h"
#include "api/message_get.h"
#include "base/base64.h"
#include "base/time_text.h"
#include "stream/error_table.h"

#include <nlohmann/json.hpp>

namespace frond::api {
namespace {

using stream::api_error;
using wire::Json;

/// Sequence, last subject and start time exclude each other; next subject goes with two of them.
bool consistent(const MessageGet& get) {
  const bool sequence = !get.sequence.none();
  const bool last = !get.last_for.empty();
  const bool next = !get.next_for.empty();
  const bool time = get.start_time.has_value();
  return !(sequence && last) && (sequence || last || next || time) && !(sequence && time) &&
         !(time && last) && !(last && next);
}

stream::Lookup find(stream::Stream& stream, const MessageGet& get) {
  StreamSeq from = get.sequence;
  if (get.start_time) {
    from = stream.first_at(*get.start_time);
    if (from.none()) {
      return {};
    }
  }
  if (!get.next_for.empty()) {
    return stream.next_for(subject::FilterSet::one(get.next_for), from);
  }
  return from.none() ? stream.last_for(get.last_for) : stream.get(from);
}

}  // namespace

void stream_message_get(Call& call) {
  if (is_empty_request(call.request.payload)) {
    return call.refuse(api_error(10003));
  }
  Json body;
  MessageGet get;
  if (!call.read_body(body) || !call.accept(read_message_get(body, true, get))) {
    return;
  }
  if (get.batch > 0 || get.max_bytes > 0 || !consistent(get)) {
    return call.refuse(api_error(10003));
  }
  stream::Stream* stream = call.find_stream(call.token(5));
  if (stream == nullptr) {
    return;
  }
  const stream::Lookup message = find(*stream, get);
  if (message.unreadable) {
    return call.refuse(api_error(10008));
  }
  if (!message) {
    return call.refuse(api_error(10037));
  }
  Json shown = Json::object();
  shown["subject"] = message->subject;
  shown["seq"] = message->sequence.value;
  if (!message->header.empty() && !get.no_headers) {
    shown["hdrs"] = base::base64_encode(message->header);
  }
  if (!message->payload.empty()) {
    shown["data"] = base::base64_encode(message->payload);
  }
  shown["time"] = base::rfc3339_format(message->time);
  // What is shown must not vanish again: an unsaved message is shown once it is saved.
  const bool saved = message->sequence <= stream->durable_last();
  call.promise(saved ? Ticket{0} : stream->ticket(), Json{{"message", std::move(shown)}});
}

namespace {

/// Why nats-server finds nothing to delete: its file store knows its ends, its memory store does
/// not.
stream::ApiError not_erased(const stream::Stream& stream, StreamSeq sequence) {
  if (stream.config().storage == stream::StorageKind::file) {
    const stream::StreamState state = stream.state();
    if (sequence > state.last) {
      return api_error(10057, {"stream store EOF"});
    }
    if (sequence.none() || sequence < state.first) {
      return api_error(10057, {"no message found"});
    }
  }
  return api_error(10043, {std::to_string(sequence.value)});
}

}  // namespace

void stream_message_delete(Call& call) {
  if (is_empty_request(call.request.payload)) {
    return call.refuse(api_error(10003));
  }
  Json body;
  if (!call.read_body(body)) {
    return;
  }
  std::string error;
  StreamSeq sequence;
  bool no_erase = false;  // A log of sealed blocks cannot overwrite: both ways remove alike.
  wire::ObjectReader reader(body, "JSApiMsgDeleteRequest", error);
  reader.read("seq", sequence.value);
  reader.read("no_erase", no_erase);
  reader.finish();
  if (!call.accept(error)) {
    return;
  }
  stream::Stream* stream = call.find_stream(call.token(5));
  if (stream == nullptr) {
    return;
  }
  if (stream->config().sealed) {
    return call.refuse(api_error(10109));
  }
  if (stream->config().deny_delete) {
    return call.refuse(api_error(10057, {"message delete not permitted"}));
  }
  if (!stream->erase(sequence, call.now)) {
    return call.refuse(not_erased(*stream, sequence));
  }
  call.promise(stream->ticket(), Json{{"success", true}});
}

std::string read_message_get(const Json& body, bool strict, MessageGet& out) {
  std::string error;
  wire::ObjectReader reader(body, "JSApiMsgGetRequest", error);
  reader.read("seq", out.sequence.value);
  reader.read("last_by_subj", out.last_for);
  reader.read("next_by_subj", out.next_for);
  reader.read("batch", out.batch, "int");
  reader.read("max_bytes", out.max_bytes, "int");
  reader.read("start_time", out.start_time);
  reader.read("multi_last", out.multi_last);
  reader.read("up_to_seq", out.up_to.value);
  reader.read("up_to_time", out.up_to_time);
  reader.read("no_hdr", out.no_headers);
  if (strict) {
    reader.finish();
  }
  return error;
}

}  // namespace frond::api
