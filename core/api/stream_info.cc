// StreamInfo as nats-server prints it: config, created, state, domain, cluster, mirror, sources,
// ts.

#include "api/call.h"
#include "base/limits.h"
#include "base/time_text.h"
#include "stream/asset_rules.h"
#include "stream/config_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

namespace frond::api {
namespace {

using wire::Json;

/// A stream that never held a message has Go's zero time.
std::string time_text(WallTime time) {
  return time == WallTime{} ? std::string(base::zero_time_text) : base::rfc3339_format(time);
}

/// As many as nats-server shows, or fewer where subjects are long: the same number for every page,
/// since clients count pages by it.
std::size_t subjects_per_page(const std::vector<stream::SubjectCount>& counts) {
  constexpr std::size_t around = 32;  // Quotes, colon, comma and the count.
  std::size_t longest = 0;
  for (const stream::SubjectCount& count : counts) {
    longest = std::max(longest, count.subject.size());
  }
  return std::min(base::subjects_page, base::answer_bytes_max / (longest + around) + 1);
}

/// What the gaps of a stream hold, the lowest first: one message of a mirror's origin can open one
/// of any length.
Json deleted_json(const stream::Stream& stream) {
  Json deleted = Json::array();
  for (const stream::SequenceRun& run : stream.deleted_runs(base::deleted_listed_max)) {
    for (StreamSeq at = run.first; at <= run.last; at = at.next()) {
      if (deleted.size() == base::deleted_listed_max) {
        return deleted;
      }
      deleted.push_back(at.value);
    }
  }
  return deleted;
}

Json state_json(stream::Stream& stream, const Services& services, StreamDetails& details) {
  const stream::StreamState state = stream.state();
  Json out = Json::object();
  out["messages"] = state.messages;
  out["bytes"] = state.bytes;
  out["first_seq"] = state.first.value;
  out["first_ts"] = time_text(state.first_time);
  out["last_seq"] = state.last.value;
  out["last_ts"] = time_text(state.last_time);
  if (state.subjects > 0) {
    out["num_subjects"] = state.subjects;
  }
  if (!details.subjects_filter.empty()) {
    const std::vector<stream::SubjectCount> counts = stream.subjects(details.subjects_filter);
    details.subjects.total = counts.size();
    details.subjects.limit = subjects_per_page(counts);
    if (details.subjects.first() < details.subjects.last()) {
      Json& subjects = out["subjects"] = Json::object();
      auto& fields = subjects.get_ref<Json::object_t&>();
      for (std::size_t i = details.subjects.first(); i < details.subjects.last(); ++i) {
        // Each subject occurs once: appended without the look-up that operator[] would make.
        fields.push_back({counts[i].subject, counts[i].messages});
      }
    }
  }
  if (state.deleted > 0) {
    out["num_deleted"] = state.deleted;
    if (details.deleted) {
      out["deleted"] = deleted_json(stream);
    }
  }
  out["consumer_count"] = services.consumers.count(stream.config().name);
  return out;
}

/// One mirror or source with what is known of it (MS-11). `active` is -1 until it was heard of.
Json source_json(const stream::StreamSource& source,
                 const std::optional<stream::Stream::OriginStatus>& status, Instant now) {
  Json out = Json::object();
  out["name"] = source.name;
  if (!source.external_api.empty()) {
    Json& external = out["external"] = Json::object();
    external["api"] = source.external_api;
    external["deliver"] = source.external_deliver;
  }
  out["lag"] = status ? status->lag : 0;
  out["active"] = status && status->last_active ? (now - *status->last_active).count() : -1;
  if (status && status->error) {
    out["error"] = error_json(status->error);
  }
  if (!source.filter_subject.empty()) {
    out["filter_subject"] = source.filter_subject;
  }
  if (!source.subject_transforms.empty()) {
    Json& transforms = out["subject_transforms"] = Json::array();
    for (const stream::SubjectTransform& transform : source.subject_transforms) {
      transforms.push_back(Json{{"src", transform.source}, {"dest", transform.destination}});
    }
  }
  return out;
}

}  // namespace

Json stream_info(stream::Stream& stream, const Services& services, const ApiConfig& config,
                 StreamDetails& details, Instant now) {
  stream::StreamConfig shown = stream.config();
  shown.metadata[std::string(stream::server_level_key)] =
      std::to_string(base::jetstream_api_level);  // VG-04.
  shown.metadata[std::string(stream::server_version_key)] = config.version;
  Json out = Json::object();
  out["config"] = stream::stream_config_json(shown);
  out["created"] = base::rfc3339_format(stream.created());
  out["state"] = state_json(stream, services, details);
  if (details.domain && !config.domain.empty()) {
    out["domain"] = config.domain;
  }
  if (details.cluster) {
    out["cluster"] = Json{{"leader", config.server_name}};
  }
  if (shown.mirror) {
    out["mirror"] = source_json(*shown.mirror, stream.mirror_status(), now);
  }
  if (!shown.sources.empty()) {
    Json& sources = out["sources"] = Json::array();
    const auto known = services.node.sources(shown.name);
    for (std::size_t i = 0; i < shown.sources.size(); ++i) {
      sources.push_back(source_json(
          shown.sources[i], i < known.size() ? std::optional(known[i]) : std::nullopt, now));
    }
  }
  out["ts"] = base::rfc3339_format(services.clock.wall(now));
  return out;
}

}  // namespace frond::api
