#pragma once
// A consumer's configuration as NATS defines it (nats-features 8, CC-01 to CC-28): plain values.
// consumer/config_json reads and prints it, consumer/config_check fills in defaults and refuses.

#include <frond/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace frond::consumer {

enum class DeliverPolicy : std::uint8_t {
  all,
  last,
  fresh,  ///< "new"
  by_start_sequence,
  by_start_time,
  last_per_subject,
};
enum class AckPolicy : std::uint8_t { none, all, explicit_ack, flow_control };
enum class ReplayPolicy : std::uint8_t { instant, original };
enum class PriorityPolicy : std::uint8_t { none, overflow, pinned_client, prioritized };

struct ConsumerConfig {
  std::string durable;
  std::string name;
  std::string description;
  DeliverPolicy deliver_policy = DeliverPolicy::all;
  std::uint64_t opt_start_seq = 0;
  std::optional<WallTime> opt_start_time;
  AckPolicy ack_policy = AckPolicy::none;
  Duration ack_wait{0};
  std::int64_t max_deliver = 0;
  std::vector<Duration> backoff;
  std::string filter_subject;
  std::vector<std::string> filter_subjects;
  ReplayPolicy replay_policy = ReplayPolicy::instant;
  std::uint64_t rate_limit_bps = 0;
  std::string sample_freq;
  std::int64_t max_waiting = 0;
  std::int64_t max_ack_pending = 0;
  bool flow_control = false;
  bool headers_only = false;
  std::int64_t max_batch = 0;
  Duration max_expires{0};
  std::int64_t max_bytes = 0;
  std::string deliver_subject;  ///< Empty: pull.
  std::string deliver_group;
  Duration idle_heartbeat{0};
  Duration inactive_threshold{0};
  std::int64_t num_replicas = 0;
  bool mem_storage = false;
  bool direct = false;
  bool sourcing = false;
  std::map<std::string, std::string> metadata;
  std::optional<WallTime> pause_until;
  std::vector<std::string> priority_groups;
  PriorityPolicy priority_policy = PriorityPolicy::none;
  Duration priority_timeout{0};

  bool operator==(const ConsumerConfig&) const = default;
  bool push() const { return !deliver_subject.empty(); }
  bool is_durable() const { return !durable.empty(); }
  /// filter_subject or filter_subjects as one list; empty: everything.
  std::vector<std::string> filters() const {
    return filter_subject.empty() ? filter_subjects : std::vector<std::string>{filter_subject};
  }
};

/// What a create request wants when the name is taken or free (CC-27).
enum class Action : std::uint8_t { create_or_update, update, create };

}  // namespace frond::consumer
