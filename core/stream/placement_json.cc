#include "stream/placement_json.h"

#include <nlohmann/json.hpp>

namespace frond::stream {

std::optional<Placement> read_placement(wire::ObjectReader reader) {
  Placement placement;
  reader.read("cluster", placement.cluster);
  reader.read("tags", placement.tags);
  reader.read("preferred", placement.preferred);
  reader.finish();
  const bool empty =
      placement.cluster.empty() && placement.tags.empty() && placement.preferred.empty();
  return empty ? std::nullopt : std::optional(std::move(placement));
}

wire::Json placement_json(const Placement& placement) {
  wire::Json json = wire::Json::object();
  if (!placement.cluster.empty()) {
    json["cluster"] = placement.cluster;
  }
  if (!placement.tags.empty()) {
    json["tags"] = placement.tags;
  }
  if (!placement.preferred.empty()) {
    json["preferred"] = placement.preferred;
  }
  return json;
}

}  // namespace frond::stream
