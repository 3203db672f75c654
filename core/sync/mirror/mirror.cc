#include "sync/mirror/mirror.h"

#include "base/limits.h"
#include "sync/api_json.h"
#include "sync/retry_pause.h"
#include "wire/headers.h"

#include <algorithm>
#include <utility>

namespace frond::sync {

namespace {

constexpr std::string_view plain_start = "2";  // The first builds of 0.1.0 wrote the time alone.

std::optional<std::string> settings_of(const stream::StreamConfig& config) {
  if (!config.mirror) {
    return std::nullopt;
  }
  const stream::StreamSource& origin = *config.mirror;
  return origin.external_api + " " + origin.name + " " + origin.filter_subject;
}

std::unique_ptr<Way> make_mirror(SyncContext& context, stream::Stream& stream,
                                 const std::string& directory, WayStart) {
  return std::make_unique<Mirror>(context, stream, directory);
}

}  // namespace

constexpr WayKind mirror_way{"mirror", Crossing::by_interest, settings_of, make_mirror};

Mirror::Mirror(SyncContext& context, stream::Stream& stream, const std::string& directory)
    : context_(context),
      stream_(stream),
      file_(context.journal, context.files, directory + "/mirror.state", plain_start),
      reader_(context, *this),
      info_(context),
      probe_(context) {
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

void Mirror::begin(Instant now) {
  if (local_) {
    start(now);
  }
}

void Mirror::up(Instant now) {
  if (!local_) {
    start(now);
  }
}

void Mirror::start(Instant now) {
  failures_ = 0;
  unanswered_ = 0;
  ask_origin(now);
}

void Mirror::down(Instant) {
  if (local_) {
    return;
  }
  retry_ = kNever;
  reader_.stop();
  info_.cancel();
  probe_.cancel();
}

void Mirror::tick(Instant now) {
  if (reread_) {
    reread_ = false;
    settled_ = false;
    if (reader_.running() || probe_.asking()) {
      ask_origin(now);
    }
  }
  info_.tick(now);
  probe_.tick(now);
  reader_.tick(now);
  if (retry_ <= now) {
    retry_ = kNever;
    ask_origin(now);
  }
}

Instant Mirror::next_deadline() const {
  return reread_ ? Instant{}
                 : std::min({retry_, info_.next_deadline(), probe_.next_deadline(),
                             reader_.next_deadline()});
}

SyncStatus Mirror::status() const {
  SyncStatus status;
  status.lag = origin_.lag;
  status.hub_stream = origin_.name;
  status.hub_sequence = stream_.state().last;
  status.last_contact = origin_.last_active;
  status.last_error = origin_.error.description;
  return status;
}

void Mirror::forget() { file_.remove(); }

void Mirror::ask_origin(Instant now) {
  reader_.stop();
  probe_.cancel();
  settled_ = false;
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
      on_read_error(not_known_origin(), now);
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
  if (info.created != known_created_) {
    known_created_ = info.created;
    file_.save(known_created_);
  }
  vouched_ = true;
  if (info.last < last) {
    behind(info.last, now);
    return;
  }
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
    StreamSeq start = overlap_.begin(stream_);
    if (settled_) {
      overlap_.skip();
      start = stream_.durable_last().next();
    }
    settled_ = false;
    const StreamSeq first_wanted{stream_.config().mirror->opt_start_seq};
    return {.sequence = std::max(start, first_wanted), .time = std::nullopt};
  }
  overlap_.skip();
  const stream::StreamSource& origin = *stream_.config().mirror;
  return {.sequence = {origin.opt_start_seq}, .time = origin.opt_start_time};
}

void Mirror::on_reading(StreamSeq before, std::uint64_t pending, Instant now) {
  if (!before.none() && stream_.state().last.none()) {
    stream_.skip_to(before.next(), now);
  }
  origin_.lag = pending;
  alive(now);
}

/// A message at a sequence that the copy has passed. False when nothing more is to come of it.
bool Mirror::take_overlap(const RemoteMessage& message, std::string_view header, Instant now) {
  switch (overlap_.see(stream_, message, header)) {
    case Overlap::Seen::other:
      differs(message.sequence, now);
      return false;
    case Overlap::Seen::same:
      vouched_ = true;
      return true;
    case Overlap::Seen::gone_here:
      return true;
  }
  return true;
}

void Mirror::on_remote(const RemoteMessage& message, Instant now) {
  // Conditions were the publisher's at the origin; here they would refuse the message.
  std::string header(message.message.header);
  wire::header_remove_prefix(header, "Nats-Expected-");
  wire::header_remove_prefix(header, "Nats-Batch-");
  if (message.sequence <= stream_.state().last) {
    if (take_overlap(message, header, now)) {
      origin_.lag = message.pending;
      alive(now);
    }
    return;
  }
  if (!vouched(now)) {
    return;
  }
  if (overlap_.waiting()) {
    doubt(now);
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
  alive(now);
}

void Mirror::on_heartbeat(Instant now) {
  if (overlap_.waiting()) {
    doubt(now);
  } else {
    alive(now);
  }
}

void Mirror::alive(Instant now) {
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
  reader_.answer_flow_control_at(stream_.ticket(), reply);
}

void Mirror::on_reloaded(stream::Stream&) { reread_ = true; }

void Mirror::report() { stream_.set_mirror_status(origin_); }

}  // namespace frond::sync
