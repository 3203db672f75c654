#include "stream/mirror_check.h"

#include "stream/config_errors.h"
#include "stream/sync_check.h"

#include <functional>
#include <set>
#include <string>

namespace frond::stream {
namespace {

/// Cycles that go over other mirrors of this node (SC-36).
bool in_cycle(const StreamConfig& config, const ConfigLookup& find) {
  std::set<std::string, std::less<>> visited = {config.name};
  for (const StreamConfig* at = find(config.mirror->name); at != nullptr && at->mirror;) {
    if (!at->mirror->external_api.empty()) {
      break;
    }
    if (!visited.insert(at->name).second || visited.contains(at->mirror->name)) {
      return true;
    }
    at = find(at->mirror->name);
  }
  return false;
}

/// The origin is a stream of this account.
ApiError check_local_origin(StreamConfig& config, bool pedantic, const ConfigLookup& find) {
  const StreamSource& mirror = *config.mirror;
  if (mirror.name == config.name) {
    return invalid("detected cycle");
  }
  if (const StreamConfig* origin = find(mirror.name)) {
    if (config.max_msg_size > 0 && origin->max_msg_size > 0 &&
        config.max_msg_size < origin->max_msg_size) {
      return api_error(10030);
    }
    if (pedantic && config.mirror_direct != origin->allow_direct) {
      return pedantic_error("origin stream has direct get set, mirror has it disabled");
    }
    config.mirror_direct = origin->allow_direct;
  }
  return in_cycle(config, find) ? invalid("detected cycle") : ApiError{};
}

}  // namespace

ApiError check_mirror(StreamConfig& config, bool pedantic, const ConfigLookup& find) {
  if (!config.mirror) {
    return {};
  }
  const StreamSource& mirror = *config.mirror;
  if (config.first_seq > 0) {
    return api_error(10143);
  }
  if (!config.subjects.empty()) {
    return api_error(10034);
  }
  if (!config.sources.empty()) {
    return api_error(10031);
  }
  if (!mirror.filter_subject.empty() && !mirror.subject_transforms.empty()) {
    return api_error(10150);
  }
  if (ApiError error = check_origin(mirror)) {
    return error;
  }
  const bool external = !mirror.external_api.empty() || !mirror.external_deliver.empty();
  return external ? ApiError{} : check_local_origin(config, pedantic, find);
}

}  // namespace frond::stream
