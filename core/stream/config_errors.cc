#include "stream/config_errors.h"

#include "wire/json_reader.h"

#include <nlohmann/json.hpp>

namespace frond::stream {

std::string json_text(std::string_view text) { return wire::print_json(wire::Json(text)); }

}  // namespace frond::stream
