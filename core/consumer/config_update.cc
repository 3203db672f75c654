// What an update may change of a consumer's config, and the versions noted in its metadata.

#include "consumer/config_check.h"
#include "stream/asset_rules.h"
#include "stream/error_table.h"

#include <string>
#include <string_view>

namespace frond::consumer {

using stream::api_error;
using stream::ApiError;

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
  config.metadata.erase(std::string(stream::server_version_key));
  config.metadata.erase(std::string(stream::server_level_key));
  const bool level_one = config.pause_until.has_value();  // Pausing came with 2.11.
  config.metadata[std::string(stream::required_level_key)] = level_one ? "1" : "0";
}

void copy_static_metadata(ConsumerConfig& config, const ConsumerConfig& before) {
  config.metadata.erase(std::string(stream::server_version_key));
  config.metadata.erase(std::string(stream::server_level_key));
  const auto level = before.metadata.find(std::string(stream::required_level_key));
  if (level != before.metadata.end()) {
    config.metadata[level->first] = level->second;
  } else {
    config.metadata.erase(std::string(stream::required_level_key));
  }
}

}  // namespace frond::consumer
