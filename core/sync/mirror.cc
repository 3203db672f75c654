#include "sync/mirror.h"

#include "base/limits.h"
#include "sync/api_json.h"
#include "sync/retry_pause.h"
#include "wire/headers.h"

#include <algorithm>
#include <utility>

namespace frond::sync {

namespace {

constexpr std::string_view plain_start = "2";  // The first builds of 0.1.0 wrote the time alone.

stream::ApiError not_known() {
  return {503, 10008, "origin stream does not say whether it is still the one that was mirrored"};
}
}  // namespace

Mirror::Mirror(SyncContext& context, stream::Stream& stream, const std::string& directory)
    : context_(context),
      stream_(stream),
      file_(context.journal, context.files, directory + "/mirror.state", plain_start),
      reader_(context, *this),
      info_(context) {
  const stream::StreamSource& origin = *stream.config().mirror;
  const std::string own_api = api_prefix(context.own_domain);
  local_ = origin.external_api.empty() || origin.external_api == own_api;
  plan_.peer = local_ ? Peer::self : Peer::hub;
  plan_.api = local_ ? "$JS.API" : origin.external_api;
  plan_.stream = origin.name;
  if (!origin.filter_subject.empty()) {
    plan_.filters = {origin.filter_subject};
  }
  plan_.deliver_prefix = origin.external_deliver.empty() ? "$JS.M" : origin.external_deliver + ".M";
  known_created_ = file_.load().text.substr(0, base::sync_text_bytes_max);
  origin_.name = origin.name;
  stream_.add_listener(this);
  report();
}

Mirror::~Mirror() { stream_.remove_listener(this); }

void Mirror::up(Instant now) {
  up_ = true;
  failures_ = 0;
  unanswered_ = 0;
  ask_origin(now);
}

void Mirror::down(Instant) {
  up_ = false;
  retry_ = kNever;
  reader_.stop();
  info_.cancel();
}

void Mirror::tick(Instant now) {
  if (reread_) {
    reread_ = false;
    if (reader_.running()) {
      ask_origin(now);
    }
  }
  info_.tick(now);
  reader_.tick(now);
  if (retry_ <= now) {
    retry_ = kNever;
    ask_origin(now);
  }
}

Instant Mirror::next_deadline() const {
  return reread_ ? Instant{} : std::min({retry_, info_.next_deadline(), reader_.next_deadline()});
}

SyncStatus Mirror::status() const {
  SyncStatus status;
  status.way = "mirror";
  status.pending = origin_.lag;
  status.hub_stream = origin_.name;
  status.hub_sequence = stream_.state().last;
  status.last_error = origin_.error.description;
  return status;
}

void Mirror::forget() { file_.remove(); }

void Mirror::ask_origin(Instant now) {
  reader_.stop();
  retry_ = kNever;
  info_.send(
      plan_.peer, plan_.api + ".STREAM.INFO." + plan_.stream, {},
      [this](std::string_view body, Instant when) { origin_answered(body, when); }, now);
}

void Mirror::origin_answered(std::string_view body, Instant now) {
  const RemoteStreamInfo info = read_stream_info(body);
  if (info.error) {
    on_read_error(info.error, now);
    return;
  }
  const StreamSeq last = stream_.state().last;
  if (!info.readable || info.created.empty()) {
    // A user may be allowed to read the origin and not to ask about it: then the reader finds out
    // alone whether there is one. But one that has answered before is asked again.
    if (!known_created_.empty() && ++unanswered_ < base::mirror_info_tries) {
      on_read_error(not_known(), now);
      return;
    }
    vouched_ = last.none() || known_created_.empty();
    reader_.start(plan_, now);
    return;
  }
  unanswered_ = 0;
  if (!last.none() && !known_created_.empty() && info.created != known_created_) {
    refuse_origin("origin stream was deleted and created again: mirror stopped, messages kept");
    return;
  }
  if (info.last < last) {
    refuse_origin("origin stream is behind its mirror: mirror stopped, messages kept");
    return;
  }
  if (info.created != known_created_) {
    known_created_ = info.created;
    file_.save(known_created_);
  }
  vouched_ = true;
  origin_.lag = info.last.value - last.value;
  reader_.start(plan_, now);
}

/// Nothing is tried again until the link comes back: only a restored origin could change this.
void Mirror::refuse_origin(std::string description) {
  origin_.error = {400, 10225, std::move(description)};
  report();
}

ReadStart Mirror::read_from() {
  if (!stream_.durable_last().none()) {
    return {.sequence = overlap_start(), .time = std::nullopt};
  }
  const stream::StreamSource& origin = *stream_.config().mirror;
  return {.sequence = {origin.opt_start_seq}, .time = origin.opt_start_time};
}

/// Where the last messages begin that are read again.
StreamSeq Mirror::overlap_start() {
  const StreamSeq last = stream_.durable_last();
  StreamSeq start = last.next();
  std::uint64_t messages = 0;
  std::size_t bytes = 0;
  for (StreamSeq at = last; !at.none() && last.value - at.value < base::mirror_overlap_sequences &&
                            messages < base::mirror_overlap_messages;
       at = at.previous()) {
    const auto message = stream_.get(at);
    if (!message) {
      continue;
    }
    bytes += message->header.size() + message->payload.size();
    if (messages > 0 && bytes > base::mirror_overlap_bytes) {
      break;
    }
    ++messages;
    start = at;
  }
  return start;
}

bool Mirror::same_as_ours(const RemoteMessage& message, std::string_view header) {
  const auto own = stream_.get(message.sequence);
  // What was removed here cannot be compared.
  return !own || (own->time == message.time && own->subject == message.message.subject &&
                  own->header == header && own->payload == message.message.payload);
}

/// Before a message that the copy does not have yet.
bool Mirror::may_go_on(Instant now) {
  if (!vouched_) {
    reader_.stop();
    on_read_error(not_known(), now);
  }
  return vouched_;
}

void Mirror::on_reading(StreamSeq before, std::uint64_t pending, Instant now) {
  if (!before.none() && stream_.state().last.none()) {
    stream_.skip_to(before.next(), now);
  }
  origin_.lag = pending;
  on_heartbeat(now);
}

void Mirror::on_remote(const RemoteMessage& message, Instant now) {
  // Conditions were the publisher's at the origin; here they would refuse the message.
  std::string header(message.message.header);
  wire::header_remove_prefix(header, "Nats-Expected-");
  wire::header_remove_prefix(header, "Nats-Batch-");
  if (message.sequence <= stream_.state().last) {
    if (!same_as_ours(message, header)) {
      reader_.stop();
      refuse_origin("origin stream has another message at sequence " +
                    std::to_string(message.sequence.value) + ": mirror stopped, messages kept");
      return;
    }
    vouched_ = vouched_ || stream_.get(message.sequence).has_value();
    origin_.lag = message.pending;
    on_heartbeat(now);
    return;
  }
  if (!may_go_on(now)) {
    return;
  }
  if (message.sequence.value > 1 && stream_.state().last.none()) {
    stream_.skip_to(message.sequence, now);
  }
  const stream::IngestResult result =
      stream_.store_at(message.sequence, message.time,
                       {message.message.subject, {}, header, message.message.payload}, now);
  if (result.error) {
    reader_.stop();
    on_read_error(result.error, now);
    return;
  }
  origin_.lag = message.pending;
  on_heartbeat(now);
}

void Mirror::on_heartbeat(Instant now) {
  failures_ = 0;
  origin_.error = {};
  origin_.last_active = now;
  report();
}

void Mirror::on_read_error(const stream::ApiError& error, Instant now) {
  ++failures_;
  origin_.error = error;
  retry_ = now + retry_pause(failures_);
  report();
}

void Mirror::on_flow_control(std::string_view reply, Instant) {
  // Answered when what came so far is safe: the origin never runs ahead of our disk by more than
  // its window. Without an answer its heartbeats ask again.
  context_.gate.hold(stream_.ticket(), [this, reply = std::string(reply),
                                        watch = std::weak_ptr<bool>(alive_)](bool durable) {
    if (durable && !watch.expired()) {
      reader_.answer_flow_control(reply);
    }
  });
}

void Mirror::on_reloaded(stream::Stream&) { reread_ = true; }

void Mirror::report() { stream_.set_mirror_status(origin_); }

}  // namespace frond::sync
