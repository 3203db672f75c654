#include "stream/config_json.h"

#include "base/time_text.h"
#include "stream/error_table.h"
#include "stream/placement_json.h"
#include "wire/json_words.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace frond::stream {
namespace {

constexpr std::pair<std::string_view, Retention> retentions[] = {
    {"limits", Retention::limits},
    {"interest", Retention::interest},
    {"workqueue", Retention::workqueue}};
constexpr std::pair<std::string_view, Discard> discards[] = {{"old", Discard::oldest},
                                                             {"new", Discard::newest}};
constexpr std::pair<std::string_view, StorageKind> storages[] = {{"file", StorageKind::file},
                                                                 {"memory", StorageKind::memory}};
constexpr std::pair<std::string_view, PersistMode> persist_modes[] = {
    {"default", PersistMode::standard}, {"async", PersistMode::async}, {"", PersistMode::standard}};

constexpr std::pair<std::string_view, std::string_view> compressions[] = {{"none", "none"},
                                                                          {"s2", "s2"}};
constexpr std::pair<std::string_view, std::string_view> unsupported_flags[] = {
    {"allow_msg_counter", "message counters"},
    {"allow_atomic", "atomic batch publish"},
    {"allow_msg_schedules", "message schedules"},
    {"allow_batched", "batch publish"}};

void read_transform(wire::ObjectReader reader, SubjectTransform& out) {
  reader.read("src", out.source);
  reader.read("dest", out.destination);
  reader.finish();
}

void read_source(wire::ObjectReader reader, StreamSource& out, std::string& unsupported) {
  reader.read("name", out.name);
  reader.read("opt_start_seq", out.opt_start_seq);
  reader.read("opt_start_time", out.opt_start_time);
  reader.read("filter_subject", out.filter_subject);
  constexpr std::string_view transforms = "subject_transforms";
  constexpr std::string_view transform_type = "server.SubjectTransformConfig";
  if (const wire::Json* list = reader.array(transforms, "[]server.SubjectTransformConfig")) {
    for (const wire::Json& one : *list) {
      const std::size_t index = out.subject_transforms.size();
      read_transform({reader, transforms, index, one, transform_type},
                     out.subject_transforms.emplace_back());
    }
  }
  if (const wire::Json* external = reader.object("external", "server.ExternalStream")) {
    wire::ObjectReader inner(reader, "external", *external);
    inner.read("api", out.external_api);
    inner.read("deliver", out.external_deliver);
    inner.finish();
  }
  if (reader.object("consumer", "server.StreamConsumerSource") != nullptr) {
    unsupported = "durable consumers of mirrors and sources";
  }
  reader.finish();
}

void read_nested(wire::ObjectReader& reader, StreamConfig& config, std::string& unsupported) {
  if (const wire::Json* placement = reader.object("placement", "server.Placement")) {
    config.placement = read_placement({reader, "placement", *placement});
  }
  if (const wire::Json* mirror = reader.object("mirror", "server.StreamSource")) {
    read_source({reader, "mirror", *mirror}, config.mirror.emplace(), unsupported);
  }
  if (const wire::Json* sources = reader.array("sources", "[]*server.StreamSource")) {
    for (const wire::Json& source : *sources) {
      const std::size_t index = config.sources.size();
      read_source({reader, "sources", index, source, "server.StreamSource"},
                  config.sources.emplace_back(), unsupported);
    }
  }
  if (const wire::Json* transform =
          reader.object("subject_transform", "server.SubjectTransformConfig")) {
    read_transform({reader, "subject_transform", *transform}, config.subject_transform.emplace());
  }
  if (const wire::Json* republish = reader.object("republish", "server.RePublish")) {
    Republish& out = config.republish.emplace();
    wire::ObjectReader inner(reader, "republish", *republish);
    inner.read("src", out.source);
    inner.read("dest", out.destination);
    inner.read("headers_only", out.headers_only);
    inner.finish();
  }
  if (const wire::Json* limits = reader.object("consumer_limits", "server.StreamConsumerLimits")) {
    wire::ObjectReader inner(reader, "consumer_limits", *limits);
    inner.read("inactive_threshold", config.limit_inactive_threshold);
    inner.read("max_ack_pending", config.limit_max_ack_pending, "int");
    inner.finish();
  }
}

wire::Json transform_json(const SubjectTransform& transform) {
  return {{"src", transform.source}, {"dest", transform.destination}};
}

wire::Json source_json(const StreamSource& source) {
  wire::Json json;
  json["name"] = source.name;
  if (source.opt_start_seq != 0) {
    json["opt_start_seq"] = source.opt_start_seq;
  }
  if (source.opt_start_time) {
    json["opt_start_time"] = base::rfc3339_format(*source.opt_start_time);
  }
  if (!source.filter_subject.empty()) {
    json["filter_subject"] = source.filter_subject;
  }
  for (const SubjectTransform& transform : source.subject_transforms) {
    json["subject_transforms"].push_back(transform_json(transform));
  }
  if (!source.external_api.empty() || !source.external_deliver.empty()) {
    json["external"] = {{"api", source.external_api}, {"deliver", source.external_deliver}};
  }
  return json;
}

/// Adds the field unless it has Go's zero value ("omitempty").
template <class Value>
void set_if(wire::Json& json, std::string_view name, const Value& value) {
  if (value != Value{}) {
    json[std::string(name)] = value;
  }
}

}  // namespace

ParsedStreamConfig parse_stream_config(std::string_view body) {
  wire::Json value;
  if (const std::string error = wire::parse_json(body, value); !error.empty()) {
    return {.error = api_error(10025, {error}), .config = {}};
  }
  return parse_stream_config(value);
}

ParsedStreamConfig parse_stream_config(const wire::Json& value) {
  ParsedStreamConfig parsed;
  StreamConfig& config = parsed.config;
  // Go's zero values: what the checks turn into defaults.
  config.max_consumers = config.max_msgs = config.max_bytes = config.max_msgs_per_subject = 0;
  config.max_msg_size = 0;
  config.num_replicas = 0;
  std::string error;
  std::string unsupported;
  // Go's name of the whole request, which its errors show.
  wire::ObjectReader reader(value, "StreamConfigRequest", error);
  reader.read("name", config.name);
  reader.read("description", config.description);
  reader.read("subjects", config.subjects);
  wire::read_word<Retention>(reader, "retention", retentions, config.retention);
  reader.read("max_consumers", config.max_consumers, "int");
  reader.read("max_msgs", config.max_msgs);
  reader.read("max_bytes", config.max_bytes);
  reader.read("max_age", config.max_age);
  reader.read("max_msgs_per_subject", config.max_msgs_per_subject);
  reader.read("max_msg_size", config.max_msg_size);
  wire::read_word<Discard>(reader, "discard", discards, config.discard);
  wire::read_word<StorageKind>(reader, "storage", storages, config.storage);
  std::int32_t replicas = 0;
  reader.read("num_replicas", replicas, "int");
  config.num_replicas = replicas;
  reader.read("no_ack", config.no_ack);
  reader.read("duplicate_window", config.duplicate_window);
  std::string_view compression = "none";
  wire::read_word<std::string_view>(reader, "compression", compressions, compression);
  config.compression = compression;
  reader.read("first_seq", config.first_seq);
  reader.read("allow_direct", config.allow_direct);
  reader.read("mirror_direct", config.mirror_direct);
  reader.read("discard_new_per_subject", config.discard_new_per_subject);
  reader.read("sealed", config.sealed);
  reader.read("deny_delete", config.deny_delete);
  reader.read("deny_purge", config.deny_purge);
  reader.read("allow_rollup_hdrs", config.allow_rollup_hdrs);
  reader.read("allow_msg_ttl", config.allow_msg_ttl);
  reader.read("subject_delete_marker_ttl", config.subject_delete_marker_ttl);
  wire::read_word<PersistMode>(reader, "persist_mode", persist_modes, config.persist_mode);
  reader.read("metadata", config.metadata);
  read_nested(reader, config, unsupported);
  for (const auto& [field, feature] : unsupported_flags) {
    bool wanted = false;
    reader.read(field, wanted);
    if (wanted) {
      unsupported = feature;
    }
  }
  reader.read("pedantic", parsed.pedantic);
  reader.finish();
  if (!error.empty()) {
    parsed.error = api_error(10025, {error});
  } else if (!unsupported.empty()) {
    parsed.error = api_error(10052, {unsupported + " not supported by this node"});
  }
  return parsed;
}

wire::Json stream_config_json(const StreamConfig& config) {
  wire::Json json;
  json["name"] = config.name;
  set_if(json, "description", config.description);
  set_if(json, "subjects", config.subjects);
  json["retention"] = wire::word_of<Retention>(retentions, config.retention);
  json["max_consumers"] = config.max_consumers;
  json["max_msgs"] = config.max_msgs;
  json["max_bytes"] = config.max_bytes;
  json["max_age"] = config.max_age.count();
  json["max_msgs_per_subject"] = config.max_msgs_per_subject;
  set_if(json, "max_msg_size", config.max_msg_size);
  json["discard"] = wire::word_of<Discard>(discards, config.discard);
  json["storage"] = wire::word_of<StorageKind>(storages, config.storage);
  json["num_replicas"] = config.num_replicas;
  set_if(json, "no_ack", config.no_ack);
  set_if(json, "duplicate_window", config.duplicate_window.count());
  if (config.placement) {
    json["placement"] = placement_json(*config.placement);
  }
  if (config.mirror) {
    json["mirror"] = source_json(*config.mirror);
  }
  for (const StreamSource& source : config.sources) {
    json["sources"].push_back(source_json(source));
  }
  json["compression"] = config.compression;
  set_if(json, "first_seq", config.first_seq);
  if (config.subject_transform) {
    json["subject_transform"] = transform_json(*config.subject_transform);
  }
  if (config.republish) {
    wire::Json& republish = json["republish"];
    set_if(republish, "src", config.republish->source);
    republish["dest"] = config.republish->destination;
    set_if(republish, "headers_only", config.republish->headers_only);
  }
  json["allow_direct"] = config.allow_direct;
  json["mirror_direct"] = config.mirror_direct;
  set_if(json, "discard_new_per_subject", config.discard_new_per_subject);
  json["sealed"] = config.sealed;
  json["deny_delete"] = config.deny_delete;
  json["deny_purge"] = config.deny_purge;
  json["allow_rollup_hdrs"] = config.allow_rollup_hdrs;
  wire::Json& limits = json["consumer_limits"] = wire::Json::object();
  set_if(limits, "inactive_threshold", config.limit_inactive_threshold.count());
  set_if(limits, "max_ack_pending", config.limit_max_ack_pending);
  json["allow_msg_ttl"] = config.allow_msg_ttl;
  set_if(json, "subject_delete_marker_ttl", config.subject_delete_marker_ttl.count());
  if (config.persist_mode != PersistMode::standard) {
    json["persist_mode"] = wire::word_of<PersistMode>(persist_modes, config.persist_mode);
  }
  set_if(json, "metadata", config.metadata);
  return json;
}

}  // namespace frond::stream
