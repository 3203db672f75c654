#include "consumer/config_json.h"

#include "base/time_text.h"

#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

namespace frond::consumer {
namespace {

using wire::Json;

template <class Value, std::size_t count>
using Names = std::array<std::pair<std::string_view, Value>, count>;

constexpr Names<DeliverPolicy, 7> deliver_names{
    {{"all", DeliverPolicy::all},
     {"last", DeliverPolicy::last},
     {"new", DeliverPolicy::fresh},
     {"by_start_sequence", DeliverPolicy::by_start_sequence},
     {"by_start_time", DeliverPolicy::by_start_time},
     {"last_per_subject", DeliverPolicy::last_per_subject},
     {"undefined", DeliverPolicy::all}}};
constexpr Names<AckPolicy, 4> ack_names{{{"none", AckPolicy::none},
                                         {"all", AckPolicy::all},
                                         {"explicit", AckPolicy::explicit_ack},
                                         {"flow_control", AckPolicy::flow_control}}};
constexpr Names<ReplayPolicy, 2> replay_names{
    {{"instant", ReplayPolicy::instant}, {"original", ReplayPolicy::original}}};
constexpr Names<PriorityPolicy, 4> priority_names{{{"none", PriorityPolicy::none},
                                                   {"overflow", PriorityPolicy::overflow},
                                                   {"pinned_client", PriorityPolicy::pinned_client},
                                                   {"prioritized", PriorityPolicy::prioritized}}};

template <class Value, std::size_t count>
void read_name(wire::ObjectReader& reader, std::string_view field, const Names<Value, count>& names,
               std::string_view refusal, Value& out) {
  std::string text;
  bool given = false;
  reader.read(field, text);
  given = !text.empty();
  for (const auto& [name, value] : names) {
    if (name == text) {
      out = value;
      return;
    }
  }
  if (given) {
    // Go prints the JSON text, quotes included, through %q in one case and %v in the other.
    reader.fail(refusal == "can not unmarshal" ? "can not unmarshal \"\\\"" + text + "\\\"\""
                                               : std::string(refusal) + ": \"" + text + "\"");
  }
}

template <class Value, std::size_t count>
std::string_view name_of(const Names<Value, count>& names, Value value) {
  for (const auto& [name, candidate] : names) {
    if (candidate == value) {
      return name;
    }
  }
  return names[0].first;
}

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
  wire::ObjectReader reader(value, "ConsumerConfig", error);
  reader.read("durable_name", out.durable);
  reader.read("name", out.name);
  reader.read("description", out.description);
  read_name(reader, "deliver_policy", deliver_names, "can not unmarshal", out.deliver_policy);
  reader.read("opt_start_seq", out.opt_start_seq);
  reader.read("opt_start_time", out.opt_start_time);
  read_name(reader, "ack_policy", ack_names, "can not unmarshal", out.ack_policy);
  reader.read("ack_wait", out.ack_wait);
  reader.read("max_deliver", out.max_deliver);
  reader.read("backoff", out.backoff);
  reader.read("filter_subject", out.filter_subject);
  reader.read("filter_subjects", out.filter_subjects);
  read_name(reader, "replay_policy", replay_names, "can not unmarshal", out.replay_policy);
  reader.read("rate_limit_bps", out.rate_limit_bps);
  reader.read("sample_freq", out.sample_freq);
  reader.read("max_waiting", out.max_waiting);
  reader.read("max_ack_pending", out.max_ack_pending);
  reader.read("flow_control", out.flow_control);
  reader.read("headers_only", out.headers_only);
  reader.read("max_batch", out.max_batch);
  reader.read("max_expires", out.max_expires);
  reader.read("max_bytes", out.max_bytes);
  reader.read("deliver_subject", out.deliver_subject);
  reader.read("deliver_group", out.deliver_group);
  reader.read("idle_heartbeat", out.idle_heartbeat);
  reader.read("inactive_threshold", out.inactive_threshold);
  reader.read("num_replicas", out.num_replicas);
  reader.read("mem_storage", out.mem_storage);
  reader.read("direct", out.direct);
  reader.read("sourcing", out.sourcing);
  reader.read("metadata", out.metadata);
  reader.read("pause_until", out.pause_until);
  reader.read("priority_groups", out.priority_groups);
  read_name(reader, "priority_policy", priority_names, "unknown priority policy",
            out.priority_policy);
  reader.read("priority_timeout", out.priority_timeout);
  reader.finish();
  return error;
}

Json print_config(const ConsumerConfig& config) {
  Json out = Json::object();
  put(out, "durable_name", config.durable);
  put(out, "name", config.name);
  put(out, "description", config.description);
  out["deliver_policy"] = name_of(deliver_names, config.deliver_policy);
  put(out, "opt_start_seq", config.opt_start_seq);
  if (config.opt_start_time) {
    out["opt_start_time"] = base::rfc3339_format(*config.opt_start_time);
  }
  out["ack_policy"] = name_of(ack_names, config.ack_policy);
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
  out["replay_policy"] = name_of(replay_names, config.replay_policy);
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
    out["priority_policy"] = name_of(priority_names, config.priority_policy);
  }
  put(out, "priority_timeout", config.priority_timeout);
  return out;
}

}  // namespace frond::consumer
