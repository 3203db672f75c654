#include "stream/config_check.h"

#include "base/limits.h"
#include "stream/asset_rules.h"
#include "stream/config_errors.h"
#include "stream/mirror_check.h"
#include "stream/source_check.h"
#include "stream/sync_check.h"
#include "subject/collisions.h"
#include "subject/match.h"
#include "subject/validity.h"
#include "wire/quote.h"

#include <algorithm>
#include <span>
#include <string>
#include <vector>

namespace frond::stream {
namespace {

constexpr int replicas_max = 5;

ApiError check_texts(const StreamConfig& config) {
  if (!valid_asset_name(config.name)) {
    return invalid("stream name is required and can not contain '.', '*', '>', '\\', '/'");
  }
  if (config.name.size() > base::name_bytes_max) {
    return invalid("stream name is too long, maximum allowed is " +
                   std::to_string(base::name_bytes_max));
  }
  if (config.description.size() > base::description_bytes_max) {
    return invalid("stream description is too long, maximum allowed is " +
                   std::to_string(base::description_bytes_max));
  }
  if (metadata_bytes(config.metadata) > base::metadata_bytes_max) {
    return invalid("stream metadata exceeds maximum size of " +
                   std::to_string(base::metadata_bytes_max) + " bytes");
  }
  return {};
}

/// 0 and everything below -1 means no limit.
template <class Integer>
ApiError default_limit(Integer& limit, std::string_view field, bool pedantic) {
  if (limit < -1 && pedantic) {
    return pedantic_error(std::string(field) + " must be set to -1");
  }
  if (limit == 0 || limit < -1) {
    limit = -1;
  }
  return {};
}

ApiError check_limits(StreamConfig& config, bool pedantic) {
  if (config.num_replicas == 0) {
    config.num_replicas = 1;
  }
  if (config.num_replicas > replicas_max) {
    return invalid("maximum replicas is " + std::to_string(replicas_max));
  }
  if (config.num_replicas < 0) {
    return api_error(10133);
  }
  for (const ApiError& error :
       {default_limit(config.max_msgs, "max_msgs", pedantic),
        default_limit(config.max_msgs_per_subject, "max_msgs_per_subject", pedantic),
        default_limit(config.max_bytes, "max_bytes", pedantic),
        default_limit(config.max_msg_size, "max_msg_size", pedantic),
        default_limit(config.max_consumers, "max_consumers", pedantic)}) {
    if (error) {
      return error;
    }
  }
  if (config.max_age < Duration::zero()) {
    return invalid("max age can not be negative");
  }
  if (config.max_age != Duration::zero() && config.max_age < base::duration_min) {
    return invalid("max age needs to be >= 100ms");
  }
  return {};
}

ApiError check_duplicates(StreamConfig& config, bool pedantic) {
  Duration& window = config.duplicate_window;
  if (window == Duration::zero() && !config.mirror && config.sources.empty()) {
    window = base::duplicate_window_default;
    if (config.max_age != Duration::zero() && config.max_age < window) {
      if (pedantic) {
        return pedantic_error("duplicate window cannot be bigger than max age");
      }
      window = config.max_age;
    }
  }
  if (window < Duration::zero()) {
    return invalid("duplicates window can not be negative");
  }
  if (config.max_age != Duration::zero() && window > config.max_age) {
    return invalid("duplicates window can not be larger then max age");
  }
  if (window > Duration::zero() && window < base::duration_min) {
    return invalid("duplicates window needs to be >= 100ms");
  }
  return {};
}

ApiError check_discard_per_subject(const StreamConfig& config) {
  if (!config.discard_new_per_subject) {
    return {};
  }
  if (config.discard != Discard::newest) {
    return invalid("discard new per subject requires discard new policy to be set");
  }
  if (config.max_msgs_per_subject <= 0) {
    return invalid("discard new per subject requires max msgs per subject > 0");
  }
  return {};
}

ApiError check_modes(StreamConfig& config) {
  if (config.deny_purge && config.allow_rollup_hdrs) {
    return invalid("roll-ups require the purge permission");
  }
  if (ApiError error = check_discard_per_subject(config)) {
    return error;
  }
  if (config.subject_delete_marker_ttl < Duration::zero()) {
    return invalid("subject delete marker TTL must not be negative");
  }
  if (config.subject_delete_marker_ttl > Duration::zero() &&
      config.subject_delete_marker_ttl < std::chrono::seconds(1)) {
    return invalid("subject delete marker TTL must be at least 1 second");
  }
  if (config.persist_mode == PersistMode::async && config.storage != StorageKind::file) {
    return invalid("async persist mode is only supported on file storage");
  }
  return {};
}

/// What would change the fate of messages and is not built is refused, never passed over.
ApiError check_supported(const StreamConfig& config) {
  const auto unsupported = [](std::string_view what) {
    return invalid(std::string(what) + " not supported by this node");
  };
  if (config.retention != Retention::limits) {
    return unsupported(config.retention == Retention::interest ? "interest retention"
                                                               : "workqueue retention");
  }
  if (config.republish) {
    return unsupported("republish");
  }
  if (config.subject_transform) {
    return unsupported("subject transforms");
  }
  if (config.allow_msg_ttl || config.subject_delete_marker_ttl > Duration::zero()) {
    return unsupported("message TTLs");
  }
  if (config.mirror && !config.mirror->subject_transforms.empty()) {
    return unsupported("subject transforms of mirrors");
  }
  return {};
}

ApiError check_reserved(std::string_view subject) {
  for (const std::string_view space : {"$JS.>", "$JSC.>", "$NRG.>"}) {
    if (subject::overlap(subject, space) && !subject::is_subset(subject, "$JS.EVENT.>")) {
      return invalid("subjects that overlap with jetstream api require no-ack to be true");
    }
  }
  if (subject::overlap(subject, "$SYS.>") && !subject::is_subset(subject, "$SYS.ACCOUNT.>")) {
    return invalid("subjects that overlap with system api require no-ack to be true");
  }
  // Requests are none to be stored and acknowledged; what the node tells of by itself may be kept.
  if (subject::overlap(subject, "$FROND.>") && !subject::is_subset(subject, "$FROND.ADVISORY.>") &&
      !subject::is_subset(subject, "$FROND.REFUSED.>")) {
    return invalid("subjects that overlap with frond api require no-ack to be true");
  }
  return {};
}

/// What a subject must not be by itself.
ApiError check_subject(const std::string& subject, const StreamConfig& config) {
  if (subject == ">") {
    if (!config.no_ack) {
      return invalid("capturing all subjects requires no-ack to be true");
    }
    if (config.num_replicas != 1) {
      return invalid("capturing all subjects requires replicas of 1");
    }
  }
  return config.no_ack ? ApiError{} : check_reserved(subject);
}

/// With several faults the first subject that has one decides, and its own faults come before those
/// it has with later ones; so nobody is told of a subject behind an invalid one.
ApiError check_each_subject(const StreamConfig& config) {
  const std::vector<std::string>& subjects = config.subjects;
  const auto first_invalid = std::ranges::find_if_not(
      subjects, [](const std::string& one) { return subject::valid(one); });
  const std::span<const std::string> valid(subjects.begin(), first_invalid);
  const subject::Collision collision = subject::first_overlap(valid);
  const std::size_t last =
      collision.kind == subject::Collision::Kind::found ? collision.first + 1 : valid.size();
  for (const std::string& subject : valid.first(last)) {
    if (ApiError error = check_subject(subject, config)) {
      return error;
    }
  }
  switch (collision.kind) {
    case subject::Collision::Kind::found:
      return invalid("subject " + wire::quoted(subjects[collision.first]) + " overlaps with " +
                     wire::quoted(subjects[collision.second]));
    case subject::Collision::Kind::unknown:
      return invalid("subjects take too long to compare");
    case subject::Collision::Kind::none:
      break;
  }
  return first_invalid == subjects.end() ? ApiError{} : invalid("invalid subject");
}

ApiError check_subjects(StreamConfig& config) {
  std::vector<std::string>& subjects = config.subjects;
  if (subjects.empty()) {
    if (!config.mirror && config.sources.empty()) {
      subjects.push_back(config.name);
    }
    return {};
  }
  return check_each_subject(config);
}

}  // namespace

ApiError check_config(StreamConfig& config, bool pedantic, const ConfigLookup& find) {
  if (ApiError error = check_texts(config)) {
    return error;
  }
  if (ApiError error = check_limits(config, pedantic)) {
    return error;
  }
  if (ApiError error = check_duplicates(config, pedantic)) {
    return error;
  }
  if (ApiError error = check_modes(config)) {
    return error;
  }
  if (ApiError error = check_mirror(config, pedantic, find)) {
    return error;
  }
  if (ApiError error = check_sources(config, find)) {
    return error;
  }
  if (ApiError error = check_supported(config)) {
    return error;
  }
  if (ApiError error = check_subjects(config)) {
    return error;
  }
  if (config.placement && !config.placement->preferred.empty()) {
    return invalid("preferred server not permitted in placement");
  }
  if (config.num_replicas > 1) {
    return api_error(10074);
  }
  return check_sync(config);
}

ApiError check_recovered(const StreamConfig& config) {
  if (!valid_asset_name(config.name)) {
    return invalid("invalid stream name");
  }
  return std::ranges::all_of(config.subjects,
                             [](const std::string& one) { return subject::valid(one); })
             ? ApiError{}
             : invalid("invalid subject");
}

}  // namespace frond::stream
