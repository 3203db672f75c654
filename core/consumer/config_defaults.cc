// What a consumer's config becomes where the client left it open or went below what has a meaning.

#include "base/limits.h"
#include "consumer/config_check.h"
#include "stream/error_table.h"

#include <cstdint>
#include <string_view>

namespace frond::consumer {

using stream::api_error;
using stream::ApiError;

namespace {

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

}  // namespace frond::consumer
