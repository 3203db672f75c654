#include "sync/mirror/origin_probe.h"

#include "base/limits.h"
#include "base/nuid.h"
#include "base/time_text.h"
#include "sync/api_json.h"
#include "wire/json_reader.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace frond::sync {

void OriginProbe::ask(ReadPlan plan, KnownMessage message, Done done, Instant now) {
  request_.cancel();
  plan_ = std::move(plan);
  message_ = std::move(message);
  finding_ = {};
  done_ = std::move(done);
  // A consumer that nobody pulls from costs no message; its start is in the answer.
  std::string subject = plan_.api + ".CONSUMER.CREATE." + plan_.stream;
  wire::Json config = wire::Json::object();
  if (plan_.filters.size() == 1) {
    const std::string name = "frond-" + base::random_name(context_.entropy, 8);
    subject += "." + name + "." + plan_.filters.front();
    config["name"] = name;
    config["filter_subject"] = plan_.filters.front();
  }
  config["deliver_policy"] = "by_start_time";
  config["opt_start_time"] = base::rfc3339_format(message_.time + Duration(1));
  config["ack_policy"] = "explicit";
  config["replay_policy"] = "instant";
  config["inactive_threshold"] = base::sync_probe_inactive.count();
  config["num_replicas"] = 0;
  config["mem_storage"] = true;
  wire::Json body = wire::Json::object();
  body["stream_name"] = plan_.stream;
  body["config"] = std::move(config);
  body["action"] = "";
  request_.send(
      plan_.peer, subject, wire::print_json(body),
      [this](std::string_view answer, Instant when) { consumer_answered(answer, when); }, now);
}

void OriginProbe::consumer_answered(std::string_view body, Instant now) {
  finding_.silent = unanswered(body);
  const ConsumerCreated answer = read_consumer_created(body);
  if (answer.readable && !answer.error) {
    finding_.not_newer = answer.delivered;
  }
  // Times alone do not decide: the origin's clock may have been set, and old servers move the start
  // of a consumer on to the first message of its filter.
  wire::Json question = wire::Json::object();
  question["seq"] = message_.sequence.value;
  request_.send(
      plan_.peer, plan_.api + ".STREAM.MSG.GET." + plan_.stream, wire::print_json(question),
      [this](std::string_view answer_body, Instant when) { message_answered(answer_body, when); },
      now);
}

void OriginProbe::message_answered(std::string_view body, Instant now) {
  finding_.silent = finding_.silent && unanswered(body);
  const StoredAt answer = read_stored_at(body);
  if (answer.readable && !answer.error && answer.sequence == message_.sequence) {
    finding_.same = answer.time == message_.time && answer.subject == message_.subject;
    finding_.replaced = !finding_.same;
  }
  const Done done = std::exchange(done_, nullptr);
  done(finding_, now);
}

}  // namespace frond::sync
