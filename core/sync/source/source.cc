#include "sync/source/source.h"

#include "subject/validity.h"
#include "sync/api_json.h"
#include "sync/retry_pause.h"
#include "wire/headers.h"

#include <utility>

namespace frond::sync {

namespace {
constexpr std::string_view source_header = "Nats-Stream-Source";
constexpr std::uint16_t setup_failed = 10045;
}  // namespace

Source::Source(SyncContext& context, stream::Stream& stream, const stream::StreamSource& origin,
               SourcePosition position)
    : stream_(stream),
      origin_(origin),
      name_(stream::source_name(origin)),
      reader_(context, *this),
      info_(context),
      position_(position) {
  const bool local =
      origin.external_api.empty() || origin.external_api == api_prefix(context.own_domain);
  plan_.peer = local ? Peer::self : Peer::hub;
  plan_.api = local ? "$JS.API" : origin.external_api;
  plan_.stream = origin.name;
  plan_.deliver_prefix = origin.external_deliver.empty() ? "$JS.S" : origin.external_deliver + ".S";
  if (!origin.filter_subject.empty()) {
    plan_.filters = {origin.filter_subject};
  }
  for (const stream::SubjectTransform& transform : origin.subject_transforms) {
    plan_.filters.push_back(transform.source.empty() ? ">" : transform.source);
    transforms_.emplace_back().read(transform.source, transform.destination);
  }
  status_.name = origin.name;
}

void Source::begin(Instant now) {
  failures_ = 0;
  start(now);
}

void Source::start(Instant now) {
  stop();
  by_time_ = false;
  if (position_.sequence.none()) {
    return reader_.start(plan_, now);
  }
  info_.send(
      plan_.peer, plan_.api + ".STREAM.INFO." + plan_.stream, {},
      [this](std::string_view body, Instant when) { origin_answered(body, when); }, now);
}

/// Who may not ask reads on behind what he has, as nats-server does.
void Source::origin_answered(std::string_view body, Instant now) {
  const RemoteStreamInfo info = read_stream_info(body);
  if (info.error) {
    return on_read_error(info.error, now);
  }
  if (info.readable && info.last < position_.sequence) {
    read_newer();
  }
  reader_.start(plan_, now);
}

void Source::stop() {
  retry_ = kNever;
  info_.cancel();
  reader_.stop();
}

void Source::tick(Instant now) {
  info_.tick(now);
  reader_.tick(now);
  if (retry_ <= now) {
    start(now);
  }
}

ReadStart Source::read_from() {
  if (position_.sequence.none()) {
    return {.sequence = {origin_.opt_start_seq},
            .time = origin_.opt_start_seq > 0 ? std::nullopt : origin_.opt_start_time};
  }
  if (!position_.time) {
    return {.sequence = position_.sequence.next(), .time = std::nullopt};
  }
  if (by_time_) {
    return {.sequence = {}, .time = *position_.time + Duration(1)};
  }
  return {.sequence = position_.sequence, .time = std::nullopt};
}

void Source::on_reading(StreamSeq, std::uint64_t pending, Instant now) {
  status_.lag = pending;
  alive(now);
}

/// The origin is not what it was.
void Source::read_newer() {
  if (position_.time) {
    by_time_ = true;
  } else {
    position_ = {};  // Nothing tells what of it was here: it is taken as one that is new.
  }
}

void Source::on_remote(const RemoteMessage& message, Instant now) {
  if (!by_time_ && message.sequence == position_.sequence) {
    if (position_.time && message.time != *position_.time) {
      read_newer();
      return reader_.start(plan_, now);
    }
    status_.lag = message.pending;
    return alive(now);  // Taken before.
  }
  if (!store(message, now)) {
    return;
  }
  by_time_ = false;
  position_ = {message.sequence, message.time};
  status_.lag = message.pending;
  alive(now);
}

bool Source::store(const RemoteMessage& message, Instant now) {
  const std::string subject = subject_for(message.message.subject);
  if (!subject::valid_literal(subject)) {
    return true;  // A transform has made it so; no stream can have it.
  }
  const std::string header = header_for(message);
  const stream::IngestResult result =
      stream_.ingest_sourced({subject, {}, header, message.message.payload}, now);
  if (result.error) {
    reader_.stop();
    on_read_error(result.error, now);
    return false;
  }
  return true;
}

/// The first transform whose source matches decides.
std::string Source::subject_for(std::string_view subject) const {
  for (const subject::Transform& transform : transforms_) {
    if (std::optional<std::string> made = transform.apply(subject)) {
      return *std::move(made);
    }
  }
  return std::string(subject);
}

/// Conditions were the publisher's at the origin; here they would refuse the message.
std::string Source::header_for(const RemoteMessage& message) const {
  std::string header(message.message.header);
  wire::header_remove(header, source_header);
  wire::header_remove_prefix(header, "Nats-Expected-");
  wire::header_remove_prefix(header, "Nats-Batch-");
  wire::header_append(header, source_header,
                      name_.origin + " " + std::to_string(message.sequence.value) + " " +
                          name_.filters + " " + name_.destinations + " " +
                          std::string(message.message.subject));
  return header;
}

void Source::alive(Instant now) {
  failures_ = 0;
  status_.error = {};
  status_.last_active = now;
}

void Source::on_read_error(const stream::ApiError& error, Instant now) {
  ++failures_;
  if (error) {
    status_.error = {500, setup_failed, error.description};
  }
  retry_ = now + retry_pause(failures_);
}

void Source::on_flow_control(std::string_view reply, Instant) {
  reader_.answer_flow_control_at(stream_.ticket(), reply);
}

}  // namespace frond::sync
