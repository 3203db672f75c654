#include "consumer/config_check.h"

#include "base/duration_text.h"
#include "base/limits.h"
#include "stream/asset_rules.h"
#include "stream/error_table.h"
#include "subject/collisions.h"
#include "subject/match.h"
#include "subject/validity.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <string>
#include <string_view>

namespace frond::consumer {
namespace {

using stream::api_error;
using stream::ApiError;
using stream::valid_asset_name;

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
  const auto first_invalid =
      std::ranges::find_if_not(filters, [](const std::string& one) { return subject::valid(one); });
  switch (subject::first_subset(std::span(filters.begin(), first_invalid)).kind) {
    case subject::Collision::Kind::found:
      return api_error(10138);
    case subject::Collision::Kind::unknown:
      return api_error(10094, {"filters take too long to compare"});
    case subject::Collision::Kind::none:
      break;
  }
  return first_invalid == filters.end() ? ApiError{} : api_error(10052, {"invalid subject"});
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
  if (stream::metadata_bytes(config.metadata) > base::metadata_bytes_max) {
    return api_error(10135, {std::to_string(base::metadata_bytes_max / 1024) + "KB"});
  }
  return {};
}

}  // namespace

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

}  // namespace frond::consumer
