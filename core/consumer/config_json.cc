#include "consumer/config_json.h"

#include "base/time_text.h"
#include "wire/json_words.h"

#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

namespace frond::consumer {
namespace {

using wire::Json;

constexpr std::pair<std::string_view, DeliverPolicy> deliver_names[] = {
    {"all", DeliverPolicy::all},
    {"last", DeliverPolicy::last},
    {"new", DeliverPolicy::fresh},
    {"by_start_sequence", DeliverPolicy::by_start_sequence},
    {"by_start_time", DeliverPolicy::by_start_time},
    {"last_per_subject", DeliverPolicy::last_per_subject},
    {"undefined", DeliverPolicy::all}};
constexpr std::pair<std::string_view, AckPolicy> ack_names[] = {
    {"none", AckPolicy::none},
    {"all", AckPolicy::all},
    {"explicit", AckPolicy::explicit_ack},
    {"flow_control", AckPolicy::flow_control}};
constexpr std::pair<std::string_view, ReplayPolicy> replay_names[] = {
    {"instant", ReplayPolicy::instant}, {"original", ReplayPolicy::original}};
constexpr std::pair<std::string_view, PriorityPolicy> priority_names[] = {
    {"none", PriorityPolicy::none},
    {"overflow", PriorityPolicy::overflow},
    {"pinned_client", PriorityPolicy::pinned_client},
    {"prioritized", PriorityPolicy::prioritized}};

/// Adds the field unless it holds its type's zero, as Go's omitempty.
template <class Value>
void put(Json& out, const char* name, const Value& value) {
  if (!(value == Value{})) {
    out[name] = value;
  }
}
void put(Json& out, const char* name, Duration value) {
  if (value.count() != 0) {
    out[name] = value.count();
  }
}

}  // namespace

std::string read_config(const Json& value, ConsumerConfig& out) {
  std::string error;
  wire::ObjectReader reader(value, "CreateConsumerRequest.config", error);
  reader.read("durable_name", out.durable);
  reader.read("name", out.name);
  reader.read("description", out.description);
  wire::read_word<DeliverPolicy>(reader, "deliver_policy", deliver_names, out.deliver_policy);
  reader.read("opt_start_seq", out.opt_start_seq);
  reader.read("opt_start_time", out.opt_start_time);
  wire::read_word<AckPolicy>(reader, "ack_policy", ack_names, out.ack_policy);
  reader.read("ack_wait", out.ack_wait);
  reader.read("max_deliver", out.max_deliver, "int");
  reader.read("backoff", out.backoff);
  reader.read("filter_subject", out.filter_subject);
  reader.read("filter_subjects", out.filter_subjects);
  wire::read_word<ReplayPolicy>(reader, "replay_policy", replay_names, out.replay_policy);
  reader.read("rate_limit_bps", out.rate_limit_bps);
  reader.read("sample_freq", out.sample_freq);
  reader.read("max_waiting", out.max_waiting, "int");
  reader.read("max_ack_pending", out.max_ack_pending, "int");
  reader.read("flow_control", out.flow_control);
  reader.read("headers_only", out.headers_only);
  reader.read("max_batch", out.max_batch, "int");
  reader.read("max_expires", out.max_expires);
  reader.read("max_bytes", out.max_bytes, "int");
  reader.read("deliver_subject", out.deliver_subject);
  reader.read("deliver_group", out.deliver_group);
  reader.read("idle_heartbeat", out.idle_heartbeat);
  reader.read("inactive_threshold", out.inactive_threshold);
  reader.read("num_replicas", out.num_replicas, "int");
  reader.read("mem_storage", out.mem_storage);
  reader.read("direct", out.direct);
  reader.read("sourcing", out.sourcing);
  reader.read("metadata", out.metadata);
  reader.read("pause_until", out.pause_until);
  reader.read("priority_groups", out.priority_groups);
  wire::read_word<PriorityPolicy>(reader, "priority_policy", priority_names, out.priority_policy,
                                  "unknown priority policy");
  reader.read("priority_timeout", out.priority_timeout);
  reader.finish();
  return error;
}

Json print_config(const ConsumerConfig& config) {
  Json out = Json::object();
  put(out, "durable_name", config.durable);
  put(out, "name", config.name);
  put(out, "description", config.description);
  out["deliver_policy"] = wire::word_of<DeliverPolicy>(deliver_names, config.deliver_policy);
  put(out, "opt_start_seq", config.opt_start_seq);
  if (config.opt_start_time) {
    out["opt_start_time"] = base::rfc3339_format(*config.opt_start_time);
  }
  out["ack_policy"] = wire::word_of<AckPolicy>(ack_names, config.ack_policy);
  put(out, "ack_wait", config.ack_wait);
  put(out, "max_deliver", config.max_deliver);
  if (!config.backoff.empty()) {
    Json& list = out["backoff"] = Json::array();
    for (const Duration wait : config.backoff) {
      list.push_back(wait.count());
    }
  }
  put(out, "filter_subject", config.filter_subject);
  put(out, "filter_subjects", config.filter_subjects);
  out["replay_policy"] = wire::word_of<ReplayPolicy>(replay_names, config.replay_policy);
  put(out, "rate_limit_bps", config.rate_limit_bps);
  put(out, "sample_freq", config.sample_freq);
  put(out, "max_waiting", config.max_waiting);
  put(out, "max_ack_pending", config.max_ack_pending);
  put(out, "flow_control", config.flow_control);
  put(out, "headers_only", config.headers_only);
  put(out, "max_batch", config.max_batch);
  put(out, "max_expires", config.max_expires);
  put(out, "max_bytes", config.max_bytes);
  put(out, "deliver_subject", config.deliver_subject);
  put(out, "deliver_group", config.deliver_group);
  put(out, "idle_heartbeat", config.idle_heartbeat);
  put(out, "inactive_threshold", config.inactive_threshold);
  out["num_replicas"] = config.num_replicas;
  put(out, "mem_storage", config.mem_storage);
  put(out, "direct", config.direct);
  put(out, "sourcing", config.sourcing);
  if (!config.metadata.empty()) {
    out["metadata"] = config.metadata;
  }
  if (config.pause_until) {
    out["pause_until"] = base::rfc3339_format(*config.pause_until);
  }
  put(out, "priority_groups", config.priority_groups);
  if (config.priority_policy != PriorityPolicy::none) {
    out["priority_policy"] = wire::word_of<PriorityPolicy>(priority_names, config.priority_policy);
  }
  put(out, "priority_timeout", config.priority_timeout);
  return out;
}

}  // namespace frond::consumer
