// What an update may change of a stream's config, and what makes two configs the same.

#include "stream/asset_rules.h"
#include "stream/config_check.h"
#include "stream/config_errors.h"
#include "stream/config_json.h"

#include <nlohmann/json.hpp>
#include <string>

namespace frond::stream {

ApiError check_retention_change(const StreamConfig& config, const StreamConfig& before) {
  if (config.retention != before.retention &&
      (config.retention == Retention::workqueue || before.retention == Retention::workqueue)) {
    return invalid("stream configuration update can not change retention policy to/from workqueue");
  }
  return {};
}

ApiError check_update(StreamConfig& config, const StreamConfig& before) {
  if (config.storage != before.storage) {
    return invalid("stream configuration update can not change storage type");
  }
  if (!config.sealed && before.sealed) {
    return invalid("stream configuration update can not unseal a sealed stream");
  }
  if (!config.deny_delete && before.deny_delete) {
    return invalid("stream configuration update can not cancel deny message deletes");
  }
  if (!config.deny_purge && before.deny_purge) {
    return invalid("stream configuration update can not cancel deny purge");
  }
  if (config.mirror) {
    StreamConfig now;
    StreamConfig then;
    now.mirror = config.mirror;
    then.mirror = before.mirror;
    if (!same_config(now, then)) {
      return api_error(10055);
    }
  }
  if (before.allow_msg_ttl && !config.allow_msg_ttl) {
    return invalid("message TTL status can not be disabled");
  }
  if (config.persist_mode != before.persist_mode) {
    return invalid("stream configuration update can not change persist mode");
  }
  if (config.sealed) {
    config.max_age = Duration::zero();
    config.discard = Discard::newest;
    config.deny_delete = config.deny_purge = true;
    config.allow_rollup_hdrs = false;
  }
  return {};
}

bool same_config(const StreamConfig& a, const StreamConfig& b) {
  // Every field is in the JSON; what it leaves out is the zero value on both sides.
  return stream_config_json(a) == stream_config_json(b);
}

void set_static_metadata(StreamConfig& config) {
  config.metadata.erase(std::string(server_version_key));
  config.metadata.erase(std::string(server_level_key));
  int level = 0;
  if (config.allow_msg_ttl || config.subject_delete_marker_ttl > Duration::zero()) {
    level = 1;
  }
  if (config.persist_mode == PersistMode::async) {
    level = 2;
  }
  config.metadata[std::string(required_level_key)] = std::to_string(level);
}

}  // namespace frond::stream
