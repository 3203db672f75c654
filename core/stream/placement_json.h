#pragma once
// The placement of a stream's config, to and from JSON. A part of config_json.

#include "stream/config.h"
#include "wire/json_reader.h"

#include <optional>
#include <string>

namespace frond::stream {

/// Nothing for one that says nothing, as nats-server drops it. What is wrong goes to the reader's
/// error.
std::optional<Placement> read_placement(wire::ObjectReader reader);
wire::Json placement_json(const Placement& placement);

}  // namespace frond::stream
