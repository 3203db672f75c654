#include "consumer/config_check.h"

#include "base/duration_text.h"
#include "base/limits.h"
#include "stream/error_table.h"
#include "subject/match.h"
#include "subject/validity.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

namespace frond::consumer {
namespace {

using stream::api_error;
using stream::ApiError;

constexpr std::string_view required_level_key = "_nats.req.level";
constexpr std::string_view server_version_key = "_nats.ver";
constexpr std::string_view server_level_key = "_nats.level";

/// Negative values become `corrected`, or an error in pedantic mode.
template <class Value>
ApiError at_least(Value& value, Value lowest, Value corrected, bool pedantic,
                  std::string_view complaint) {
  if (value >= lowest) {
    return {};
  }
  if (pedantic) {
    return api_error(10157, {complaint});
  }
  value = corrected;
  return {};
}

ApiError defaults_of_numbers(ConsumerConfig& config, bool pedantic) {
  if (config.max_deliver == 0) {
    config.max_deliver = -1;
  }
  const std::int64_t none = 0;
  const Duration no_time{0};
  for (const ApiError& error :
       {at_least<std::int64_t>(config.max_deliver, -1, -1, pedantic,
                               "max_deliver must be set to -1"),
        at_least(config.max_waiting, none, none, pedantic, "max_waiting must not be negative"),
        at_least<std::int64_t>(config.max_ack_pending, -1, -1, pedantic,
                               "max_ack_pending must be set to -1"),
        at_least(config.max_batch, none, none, pedantic, "max_batch must not be negative"),
        at_least(config.max_expires, no_time, no_time, pedantic,
                 "max_expires must not be negative"),
        at_least(config.max_bytes, none, none, pedantic, "max_bytes must not be negative"),
        at_least(config.idle_heartbeat, no_time, no_time, pedantic,
                 "idle_heartbeat must not be negative"),
        at_least(config.inactive_threshold, no_time, no_time, pedantic,
                 "inactive_threshold must not be negative"),
        at_least(config.priority_timeout, no_time, no_time, pedantic,
                 "priority_timeout must not be negative")}) {
    if (error) {
      return error;
    }
  }
  return {};
}

bool valid_asset_name(std::string_view name) {
  return !name.empty() && name.find_first_of(" \t\r\n\f.*>\\/") == std::string_view::npos;
}

ApiError check_names(const ConsumerConfig& config) {
  if (!config.name.empty() && !valid_asset_name(config.name)) {
    return api_error(10052, {"consumer name can not contain '.', '*', '>', '\\', '/'"});
  }
  if (!config.durable.empty() && !valid_asset_name(config.durable)) {
    return api_error(10052, {"consumer durable name can not contain '.', '*', '>', '\\', '/'"});
  }
  return {};
}

ApiError check_push(const ConsumerConfig& config, const stream::StreamConfig& stream) {
  if (subject::has_wildcards(config.deliver_subject)) {
    return api_error(10079);
  }
  if (!subject::valid(config.deliver_subject)) {
    return api_error(10112);
  }
  for (const std::string& taken : stream.subjects) {
    if (subject::matches(taken, config.deliver_subject)) {
      return api_error(10081);
    }
  }
  if (config.max_waiting != 0) {
    return api_error(10080);
  }
  if (config.max_ack_pending > 0 && config.ack_policy == AckPolicy::none) {
    return api_error(10082);
  }
  if (config.idle_heartbeat.count() > 0 && config.idle_heartbeat < base::duration_min) {
    return api_error(10083);
  }
  return {};
}

ApiError check_pull(const ConsumerConfig& config, const stream::StreamConfig& stream) {
  if (config.ack_policy == AckPolicy::none && stream.retention == stream::Retention::workqueue) {
    return api_error(10084);
  }
  if (config.rate_limit_bps > 0) {
    return api_error(10086);
  }
  if (config.idle_heartbeat.count() > 0) {
    return api_error(10088);
  }
  if (config.flow_control) {
    return api_error(10089);
  }
  if (config.max_expires.count() != 0 && config.max_expires < std::chrono::milliseconds(1)) {
    return api_error(10115);
  }
  return {};
}

ApiError check_filters(const ConsumerConfig& config) {
  if (!config.filter_subject.empty() && !config.filter_subjects.empty()) {
    return api_error(10136);
  }
  if (std::ranges::find(config.filter_subjects, std::string()) != config.filter_subjects.end()) {
    return api_error(10139);
  }
  const std::vector<std::string> filters = config.filters();
  for (std::size_t outer = 0; outer < filters.size(); ++outer) {
    if (!subject::valid(filters[outer])) {
      return api_error(10052, {"malformed subject"});
    }
    for (std::size_t inner = 0; inner < filters.size(); ++inner) {
      if (inner != outer && subject::is_subset(filters[outer], filters[inner])) {
        return api_error(10138);
      }
    }
  }
  return {};
}

/// A start position that the deliver policy needs, or forbids.
ApiError check_start(const ConsumerConfig& config) {
  const auto also_set = [](std::string_view policy, std::string_view start) {
    return api_error(10094, {"consumer delivery policy is deliver " + std::string(policy) +
                             ", but optional start " + std::string(start) + " is also set"});
  };
  const auto not_set = [](std::string_view policy, std::string_view what) {
    return api_error(10094, {"consumer delivery policy is deliver " + std::string(policy) +
                             ", but optional " + std::string(what) + " is not set"});
  };
  std::string_view policy;
  switch (config.deliver_policy) {
    case DeliverPolicy::by_start_sequence:
      if (config.opt_start_seq == 0) {
        return not_set("by start sequence", "start sequence");
      }
      return config.opt_start_time ? also_set("by start sequence", "time") : ApiError{};
    case DeliverPolicy::by_start_time:
      if (!config.opt_start_time) {
        return not_set("by start time", "start time");
      }
      return config.opt_start_seq != 0
                 ? api_error(10094, {"consumer delivery policy is deliver by start time, but "
                                     "optional start start sequence is also set"})
                 : ApiError{};
    case DeliverPolicy::all:
      policy = "all";
      break;
    case DeliverPolicy::last:
      policy = "last";
      break;
    case DeliverPolicy::fresh:
      policy = "new";
      break;
    case DeliverPolicy::last_per_subject:
      policy = "last per subject";
      break;
  }
  if (config.opt_start_seq > 0) {
    return also_set(policy, "sequence");
  }
  if (config.opt_start_time) {
    return also_set(policy, "time");
  }
  if (config.deliver_policy == DeliverPolicy::last_per_subject && config.filters().empty()) {
    return not_set("last per subject", "filter subject");
  }
  return {};
}

ApiError check_sampling(const ConsumerConfig& config) {
  if (config.sample_freq.empty()) {
    return {};
  }
  std::string_view digits = config.sample_freq;
  if (digits.ends_with('%')) {
    digits.remove_suffix(1);
  }
  int percent = 0;
  const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), percent);
  if (status != std::errc() || end != digits.data() + digits.size()) {
    return api_error(10095,
                     {"failed to parse consumer sampling configuration: strconv.Atoi: parsing \"" +
                      std::string(digits) + "\": invalid syntax"});
  }
  if (percent < 0) {
    return api_error(10095, {"<nil>"});
  }
  return {};
}

ApiError check_priority(const ConsumerConfig& config) {
  if (config.priority_policy == PriorityPolicy::none) {
    if (!config.priority_groups.empty()) {
      return api_error(10196);
    }
    return config.priority_timeout.count() > 0 ? api_error(10197) : ApiError{};
  }
  if (config.push()) {
    return api_error(10178);
  }
  if (config.priority_groups.empty()) {
    return api_error(10159);
  }
  for (const std::string& group : config.priority_groups) {
    if (group.empty()) {
      return api_error(10161);
    }
    const bool allowed = std::ranges::all_of(group, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             std::string_view("/_=-").find(c) != std::string_view::npos;
    });
    if (!allowed || group.size() > base::priority_group_bytes_max) {
      return api_error(10162);
    }
  }
  // Not served by this build; saying so beats handing messages to the wrong client.
  return api_error(10094, {"priority groups are not supported by this node"});
}

ApiError check_acks(const ConsumerConfig& config) {
  for (const Duration wait : config.backoff) {
    if (wait.count() < 0) {
      return api_error(10184);
    }
  }
  if (config.ack_wait.count() < 0) {
    return api_error(10183);
  }
  if (config.ack_policy == AckPolicy::flow_control) {
    return api_error(10181);  // Acknowledging by flow control is not served by this build.
  }
  if (!config.backoff.empty() && config.max_deliver != -1 &&
      std::ssize(config.backoff) > config.max_deliver) {
    return api_error(10116);
  }
  return {};
}

ApiError check_limits(const ConsumerConfig& config, const stream::StreamConfig& stream) {
  if (stream.limit_max_ack_pending > 0 && config.max_ack_pending > stream.limit_max_ack_pending) {
    return api_error(10121, {std::to_string(stream.limit_max_ack_pending)});
  }
  if (stream.limit_inactive_threshold.count() > 0 &&
      config.inactive_threshold > stream.limit_inactive_threshold) {
    return api_error(10153, {base::duration_format(stream.limit_inactive_threshold)});
  }
  if (config.direct) {
    if (!config.push()) {
      return api_error(10090);
    }
    if (config.is_durable()) {
      return api_error(10091);
    }
  }
  return {};
}

ApiError check_texts(const ConsumerConfig& config) {
  if (config.is_durable() && !config.name.empty() && config.name != config.durable) {
    return api_error(10132);
  }
  std::size_t bytes = 0;
  for (const auto& [key, value] : config.metadata) {
    bytes += key.size() + value.size();
  }
  if (bytes > base::metadata_bytes_max) {
    return api_error(10135, {std::to_string(base::metadata_bytes_max / 1024) + "KB"});
  }
  return {};
}

}  // namespace

ApiError apply_defaults(ConsumerConfig& config, const stream::StreamConfig& stream, bool pedantic) {
  if (ApiError error = defaults_of_numbers(config, pedantic)) {
    return error;
  }
  if (!config.push() && config.max_waiting == 0) {
    config.max_waiting = base::pull_waiting_default_max;
  }
  if (config.ack_wait.count() == 0 &&
      (config.ack_policy == AckPolicy::explicit_ack || config.ack_policy == AckPolicy::all)) {
    config.ack_wait = base::ack_wait_default;
  }
  if (!config.backoff.empty()) {
    if (pedantic && config.ack_wait != config.backoff.front()) {
      return api_error(10157, {"first backoff value has to equal batch AckWait"});
    }
    config.ack_wait = config.backoff.front();
  }
  if (config.max_ack_pending == 0) {
    if (pedantic && stream.limit_max_ack_pending > 0) {
      return api_error(10157, {"max_ack_pending must be set if it's configured in stream limits"});
    }
    config.max_ack_pending = stream.limit_max_ack_pending;
  }
  if (config.inactive_threshold.count() == 0) {
    if (pedantic && stream.limit_inactive_threshold.count() > 0) {
      return api_error(10157,
                       {"inactive_threshold must be set if it's configured in stream limits"});
    }
    config.inactive_threshold = stream.limit_inactive_threshold;
  }
  if (config.max_ack_pending == 0 && config.ack_policy != AckPolicy::none) {
    config.max_ack_pending = base::ack_pending_default_max;
  }
  return {};
}

ApiError check(const ConsumerConfig& config, const stream::StreamConfig& stream) {
  // In nats-server's order: with several faults in one request, the first one is the answer.
  if (ApiError error = check_names(config)) {
    return error;
  }
  if (config.num_replicas > 0 && config.num_replicas > stream.num_replicas) {
    return api_error(10126);
  }
  if (config.num_replicas < 0) {
    return api_error(10133);
  }
  if (ApiError error = check_acks(config)) {
    return error;
  }
  if (config.description.size() > base::description_bytes_max) {
    return api_error(10107, {std::to_string(base::description_bytes_max)});
  }
  if (ApiError error = config.push() ? check_push(config, stream) : check_pull(config, stream)) {
    return error;
  }
  if (ApiError error = check_limits(config, stream)) {
    return error;
  }
  if (ApiError error = check_filters(config)) {
    return error;
  }
  if (ApiError error = check_start(config)) {
    return error;
  }
  if (ApiError error = check_sampling(config)) {
    return error;
  }
  if (config.flow_control && config.idle_heartbeat.count() == 0) {
    return api_error(10108);
  }
  if (ApiError error = check_texts(config)) {
    return error;
  }
  return check_priority(config);
}

ApiError check_update(const ConsumerConfig& before, const ConsumerConfig& after, bool bound) {
  const auto refuse = [](std::string_view text) { return api_error(10012, {text}); };
  if (before.deliver_policy != after.deliver_policy) {
    return refuse("deliver policy can not be updated");
  }
  if (before.mem_storage != after.mem_storage) {
    return refuse("storage type can not be updated");
  }
  if (before.direct != after.direct) {
    return refuse("direct can not be updated");
  }
  if (before.sourcing != after.sourcing) {
    return refuse("sourcing can not be updated");
  }
  if (before.opt_start_seq != after.opt_start_seq) {
    return refuse("start sequence can not be updated");
  }
  if (before.opt_start_time != after.opt_start_time) {
    return refuse("start time can not be updated");
  }
  if (before.ack_policy != after.ack_policy) {
    return refuse("ack policy can not be updated");
  }
  if (before.replay_policy != after.replay_policy) {
    return refuse("replay policy can not be updated");
  }
  if (before.idle_heartbeat != after.idle_heartbeat) {
    return refuse("heart beats can not be updated");
  }
  if (before.flow_control != after.flow_control) {
    return refuse("flow control can not be updated");
  }
  if (before.deliver_subject != after.deliver_subject) {
    if (!before.push()) {
      return refuse("can not update pull consumer to push based");
    }
    if (!after.push()) {
      return refuse("can not update push consumer to pull based");
    }
    if (bound) {
      return api_error(10013);
    }
  }
  if (before.max_waiting != after.max_waiting) {
    return refuse("max waiting can not be updated");
  }
  return {};
}

void set_static_metadata(ConsumerConfig& config) {
  config.metadata.erase(std::string(server_version_key));
  config.metadata.erase(std::string(server_level_key));
  const bool level_one = config.pause_until.has_value();  // Pausing came with 2.11.
  config.metadata[std::string(required_level_key)] = level_one ? "1" : "0";
}

void copy_static_metadata(ConsumerConfig& config, const ConsumerConfig& before) {
  config.metadata.erase(std::string(server_version_key));
  config.metadata.erase(std::string(server_level_key));
  const auto level = before.metadata.find(std::string(required_level_key));
  if (level != before.metadata.end()) {
    config.metadata[level->first] = level->second;
  } else {
    config.metadata.erase(std::string(required_level_key));
  }
}

}  // namespace frond::consumer
