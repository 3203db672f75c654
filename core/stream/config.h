#pragma once
// A stream's configuration as NATS defines it (nats-features 6, SC-01 to SC-35): the plain values,
// after defaults. Reading it from JSON and checking it is stream/config_json. What this build does
// not yet act on (retention other than limits, counters, schedules, ...) is refused at create,
// never silently accepted.

#include <frond/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace frond::stream {

enum class Retention : std::uint8_t { limits, interest, workqueue };
enum class Discard : std::uint8_t { oldest, newest };
enum class StorageKind : std::uint8_t { file, memory };
enum class PersistMode : std::uint8_t { standard, async };

struct SubjectTransform {
  std::string source, destination;
};

/// Origin of a mirror or source (SC-17, MS-01).
struct StreamSource {
  std::string name;
  std::uint64_t opt_start_seq = 0;
  std::optional<WallTime> opt_start_time;
  std::string filter_subject;
  std::vector<SubjectTransform> subject_transforms;
  std::string external_api;  ///< "$JS.<domain>.API"; empty for a stream of this node.
  std::string external_deliver;
};

/// Where in a cluster a stream shall live.
struct Placement {
  std::string cluster;
  std::vector<std::string> tags;
  std::string preferred;
};

struct Republish {
  std::string source, destination;
  bool headers_only = false;
};

struct StreamConfig {
  std::string name;
  std::string description;
  std::vector<std::string> subjects;
  Retention retention = Retention::limits;
  std::int64_t max_consumers = -1;
  std::int64_t max_msgs = -1;
  std::int64_t max_bytes = -1;
  Duration max_age{0};
  std::int64_t max_msgs_per_subject = -1;
  std::int32_t max_msg_size = -1;
  Discard discard = Discard::oldest;
  bool discard_new_per_subject = false;
  StorageKind storage = StorageKind::file;
  int num_replicas = 1;
  bool no_ack = false;
  Duration duplicate_window{0};
  std::optional<Placement> placement;  ///< Echoed, never acted on (SC-16).
  std::optional<StreamSource> mirror;
  std::vector<StreamSource> sources;
  bool sealed = false;
  bool deny_delete = false;
  bool deny_purge = false;
  bool allow_rollup_hdrs = false;
  std::optional<Republish> republish;
  bool allow_direct = false;
  bool mirror_direct = false;
  std::string compression = "none";
  std::uint64_t first_seq = 0;
  std::optional<SubjectTransform> subject_transform;
  Duration limit_inactive_threshold{0};  ///< consumer_limits.
  std::int64_t limit_max_ack_pending = 0;
  std::map<std::string, std::string> metadata;
  bool allow_msg_ttl = false;
  Duration subject_delete_marker_ttl{0};
  PersistMode persist_mode = PersistMode::standard;
};

}  // namespace frond::stream
