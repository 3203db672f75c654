#include "stream/meta.h"

#include "base/limits.h"
#include "base/time_text.h"
#include "stream/config_json.h"
#include "wire/json_reader.h"

#include <nlohmann/json.hpp>

namespace frond::stream {

namespace {
constexpr std::string_view placement_field = "placement";
}  // namespace

std::string print_meta(const StreamMeta& meta) {
  wire::Json json;
  json["config"] = stream_config_json(meta.config);
  json["created"] = base::rfc3339_format(meta.created);
  json["identity"] = meta.identity;
  return wire::print_json(json);
}

std::optional<StreamMeta> parse_meta(std::string_view text, std::string& reason) {
  wire::Json json;
  reason = wire::parse_json(text, json, base::json_stored_depth_max);
  if (!reason.empty()) {
    return std::nullopt;
  }
  StreamMeta meta;
  std::optional<WallTime> created;
  wire::ObjectReader reader(json, "StreamMeta", reason);
  reader.read("created", created);
  reader.read("identity", meta.identity);
  const wire::Json* config = reader.object("config", "StreamConfig");
  if (config == nullptr || !created) {
    reader.fail("config or created is missing");
    return std::nullopt;
  }
  ParsedStreamConfig parsed = parse_stream_config(*config);
  if (parsed.error && config->contains(placement_field)) {
    // Older builds kept whatever object stood here; nothing depends on it.
    wire::Json without = *config;
    without.erase(placement_field);
    parsed = parse_stream_config(without);
  }
  if (parsed.error) {
    reason = parsed.error.description;
    return std::nullopt;
  }
  meta.config = std::move(parsed.config);
  meta.created = *created;
  return meta;
}

}  // namespace frond::stream
