#include "consumer/advisory.h"

#include "base/nuid.h"
#include "base/time_text.h"
#include "consumer/consumer.h"
#include "wire/json_reader.h"

#include <nlohmann/json.hpp>
#include <string>

namespace frond::consumer {

using wire::Json;

void send_advisory(base::Outlet& outlet, Entropy& entropy, std::string_view subject,
                   std::string_view type, std::string_view domain, WallTime now,
                   const std::function<void(nlohmann::ordered_json&)>& fill) {
  if (!outlet.has_interest(subject)) {
    return;
  }
  Json event = Json::object();
  event["type"] = "io.nats.jetstream." + std::string(type);
  event["id"] = base::random_name(entropy);
  event["timestamp"] = base::rfc3339_format(now);
  fill(event);
  if (!domain.empty()) {
    event["domain"] = domain;
  }
  outlet.send(subject, {subject, {}, {}, wire::print_json(event)});
}

namespace {

void fill_delivery(Json& event, const Consumer& consumer, const AckSubject& ack) {
  event["stream"] = consumer.stream().config().name;
  event["consumer"] = consumer.name();
  event["consumer_seq"] = ack.consumer.value;
  event["stream_seq"] = ack.stream.value;
}

std::string advisory_subject(std::string_view kind, const Consumer& consumer) {
  return "$JS.EVENT." + std::string(kind) + "." + consumer.stream().config().name + "." +
         consumer.name();
}

}  // namespace

void Consumer::advise_exceeded(StreamSeq sequence, std::uint64_t times, Instant now) {
  send_advisory(environment_.outlet, environment_.entropy,
                advisory_subject("ADVISORY.CONSUMER.MAX_DELIVERIES", *this),
                "advisory.v1.max_deliver", environment_.domain, environment_.clock.wall(now),
                [&](Json& event) {
                  event["stream"] = stream_.config().name;
                  event["consumer"] = name_;
                  event["stream_seq"] = sequence.value;
                  event["deliveries"] = times;
                });
}

void Consumer::advise_naked(const AckSubject& ack, Instant now) {
  send_advisory(environment_.outlet, environment_.entropy,
                advisory_subject("ADVISORY.CONSUMER.MSG_NAKED", *this), "advisory.v1.nak",
                environment_.domain, environment_.clock.wall(now), [&](Json& event) {
                  fill_delivery(event, *this, ack);
                  event["deliveries"] = ack.deliveries;
                });
}

void Consumer::advise_terminated(const AckSubject& ack, std::string_view reason, Instant now) {
  send_advisory(environment_.outlet, environment_.entropy,
                advisory_subject("ADVISORY.CONSUMER.MSG_TERMINATED", *this),
                "advisory.v1.terminated", environment_.domain, environment_.clock.wall(now),
                [&](Json& event) {
                  fill_delivery(event, *this, ack);
                  event["deliveries"] = ack.deliveries;
                  if (!reason.empty()) {
                    event["reason"] = reason;
                  }
                });
}

/// AD-08: how long an acknowledgement took, for the share that sample_freq asks for.
void Consumer::sample_ack(const AckSubject& ack, Instant delivered, Instant now) {
  if (sample_percent_ == 0 ||
      (sample_percent_ < 100 && environment_.entropy.next() % 100 > sample_percent_)) {
    return;
  }
  send_advisory(environment_.outlet, environment_.entropy,
                advisory_subject("METRIC.CONSUMER.ACK", *this), "metric.v1.consumer_ack",
                environment_.domain, environment_.clock.wall(now), [&](Json& event) {
                  fill_delivery(event, *this, ack);
                  event["ack_time"] = (now - delivered).count();
                  event["deliveries"] = ack.deliveries;
                });
}

}  // namespace frond::consumer
