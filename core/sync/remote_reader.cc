#include "sync/remote_reader.h"

#include "base/limits.h"
#include "base/nuid.h"
#include "base/time_text.h"
#include "subject/validity.h"
#include "sync/api_json.h"
#include "wire/headers.h"
#include "wire/json_reader.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

namespace frond::sync {

namespace {

constexpr std::size_t name_length = 8;
/// The only subjects that an origin may have us publish on.
constexpr std::string_view flow_control_prefix = "$JS.FC.";
/// Losing messages again and again without one in order is no accident of the network.
constexpr int creates_max = 5;

std::string create_body(const ReadPlan& plan, const ReadStart& start, const std::string& deliver,
                        const std::string& name) {
  using wire::Json;
  Json config = Json::object();
  if (!name.empty()) {
    config["name"] = name;
  }
  if (!start.sequence.none()) {
    config["deliver_policy"] = "by_start_sequence";
    config["opt_start_seq"] = start.sequence.value;
  } else if (start.time) {
    config["deliver_policy"] = "by_start_time";
    config["opt_start_time"] = base::rfc3339_format(*start.time);
  } else if (start.last_per_subject) {
    config["deliver_policy"] = "last_per_subject";
  } else {
    config["deliver_policy"] = "all";
  }
  config["ack_policy"] = "none";
  config["ack_wait"] = Duration(std::chrono::hours(22)).count();
  config["max_deliver"] = 1;
  if (plan.filters.size() == 1) {
    config["filter_subject"] = plan.filters.front();
  } else if (!plan.filters.empty()) {
    config["filter_subjects"] = plan.filters;  // NATS 2.10; older hubs read on without a filter.
  }
  config["replay_policy"] = "instant";
  if (plan.headers_only) {
    config["headers_only"] = true;
  }
  config["idle_heartbeat"] = base::sync_heartbeat.count();
  config["flow_control"] = true;
  config["deliver_subject"] = deliver;
  config["inactive_threshold"] = base::sync_consumer_inactive.count();
  config["num_replicas"] = 0;
  config["direct"] = true;
  Json body = Json::object();
  body["stream_name"] = plan.stream;
  body["config"] = std::move(config);
  body["action"] = "";
  return wire::print_json(body);
}

std::uint64_t header_number(std::string_view header, std::string_view key) {
  std::uint64_t number = 0;
  if (const auto value = wire::header_value(header, key)) {
    std::from_chars(value->data(), value->data() + value->size(), number);
  }
  return number;
}

}  // namespace

RemoteReader::RemoteReader(SyncContext& context, RemoteReaderUser& user)
    : context_(context), user_(user), request_(context) {}

RemoteReader::~RemoteReader() { stop(); }

void RemoteReader::start(ReadPlan plan, Instant now) {
  stop();
  plan_ = std::move(plan);
  creates_ = 0;
  create(now);
}

void RemoteReader::stop() {
  request_.cancel();
  close_inbox();
  state_ = State::stopped;
  deadline_ = kNever;
}

void RemoteReader::close_inbox() {
  if (inbox_open_) {
    inbox_open_ = false;
    context_.link.close(inbox_);
  }
}

void RemoteReader::create(Instant now) {
  close_inbox();
  state_ = State::creating;
  deadline_ = kNever;
  ++creates_;
  const ReadStart start = user_.read_from();
  last_stream_ = start.sequence.previous();
  last_consumer_ = {};
  consumer_.clear();
  // A subject of its own for each consumer: what an older one still sends cannot be mistaken.
  deliver_ = plan_.deliver_prefix + "." + base::random_name(context_.entropy, name_length);
  inbox_ = context_.link.open(plan_.peer, deliver_, *this);
  inbox_open_ = true;
  std::string subject = plan_.api + ".CONSUMER.CREATE." + plan_.stream;
  std::string name;
  if (plan_.filters.size() == 1) {
    name = "frond-" + base::random_name(context_.entropy, name_length);
    subject += "." + name + "." + plan_.filters.front();
  }
  request_.send(
      plan_.peer, subject, create_body(plan_, start, deliver_, name),
      [this](std::string_view body, Instant when) { created(body, when); }, now);
}

void RemoteReader::created(std::string_view body, Instant now) {
  if (body.empty() && request_.denied()) {
    fail({403, 10008, "no right to ask " + plan_.api + ".CONSUMER.CREATE." + plan_.stream}, now);
    return;
  }
  if (body.empty()) {
    fail({503, 10008, "no answer to " + plan_.api + ".CONSUMER.CREATE." + plan_.stream}, now);
    return;
  }
  const ConsumerCreated answer = read_consumer_created(body);
  if (answer.error || !answer.readable) {
    fail(answer.error ? answer.error : stream::ApiError{500, 10049, "answer is no JSON"}, now);
    return;
  }
  consumer_ = answer.name;
  state_ = State::reading;
  deadline_ = now + base::sync_silence_max;
  // Messages may come before this answer; then where it begins is known already.
  if (last_consumer_.none()) {
    user_.on_reading(answer.delivered, answer.pending, now);
  }
}

void RemoteReader::fail(const stream::ApiError& error, Instant now) {
  stop();
  user_.on_read_error(error, now);
}

void RemoteReader::lost_one(Instant now) {
  if (creates_ >= creates_max) {
    fail({503, 10008, "messages of " + plan_.stream + " are lost on the way"}, now);
  } else {
    create(now);
  }
}

void RemoteReader::tick(Instant now) {
  request_.tick(now);
  if (state_ == State::reading && deadline_ <= now) {
    fail({}, now);
  }
}

Instant RemoteReader::next_deadline() const {
  return std::min(request_.next_deadline(), deadline_);
}

void RemoteReader::answer_flow_control(std::string_view reply) {
  // The reply comes from the other side: what is no subject of flow control is not answered.
  if (reply.starts_with("$JS.FC.") && subject::valid_literal(reply)) {
    context_.link.send(plan_.peer, reply, {reply, {}, {}, {}});
  }
}

void RemoteReader::answer_flow_control_at(Ticket ticket, std::string_view reply) {
  context_.gate.hold(ticket, [this, reply = std::string(reply),
                              watch = std::weak_ptr<bool>(alive_)](bool durable) {
    if (durable && !watch.expired()) {
      answer_flow_control(reply);
    }
  });
}

void RemoteReader::on_inbox(InboxId inbox, std::string_view, const base::Message& message,
                            Instant now) {
  if (!inbox_open_ || inbox != inbox_) {
    return;
  }
  if (state_ == State::reading) {
    deadline_ = now + base::sync_silence_max;
  }
  if (wire::header_status(message.header)) {
    status(message, now);
  } else {
    take(message, now);
  }
}

void RemoteReader::status(const base::Message& message, Instant now) {
  if (wire::header_status(message.header)->code != "100") {
    fail({}, now);  // 409 Consumer Deleted and the like.
    return;
  }
  if (message.reply.starts_with(flow_control_prefix)) {
    user_.on_flow_control(message.reply, now);
    return;
  }
  const std::uint64_t last = header_number(message.header, "Nats-Last-Consumer");
  if (last > 0 && last != last_consumer_.value) {
    lost_one(now);
    return;
  }
  const auto stalled = wire::header_value(message.header, "Nats-Consumer-Stalled");
  if (stalled && stalled->starts_with(flow_control_prefix)) {
    user_.on_flow_control(*stalled, now);
    return;
  }
  user_.on_heartbeat(now);
}

void RemoteReader::take(const base::Message& message, Instant now) {
  const std::optional<DeliveryPlace> place = read_delivery_place(message.reply);
  if (!place || place->deliveries > 1) {
    return;
  }
  if (consumer_.empty()) {
    consumer_ = place->consumer;
  } else if (consumer_ != place->consumer) {
    return;
  }
  const bool next = place->consumer_sequence == last_consumer_.next();
  if (next) {
    last_consumer_ = place->consumer_sequence;
  }
  if (place->stream <= last_stream_) {
    if (next) {
      fail({}, now);  // What comes next lies behind what came: the origin is not what it was.
    }
    return;  // Already here.
  }
  if (!next) {
    lost_one(now);
    return;
  }
  // A jump of the stream's sequence without one of the consumer's: the origin lost those messages,
  // or the filter left them out.
  last_stream_ = place->stream;
  creates_ = 0;
  user_.on_remote({.sequence = place->stream,
                   .time = place->time,
                   .pending = place->pending,
                   .message = message},
                  now);
}

}  // namespace frond::sync
