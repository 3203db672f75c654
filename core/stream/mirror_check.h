#pragma once
// What a mirror's config may be, and what of the origin's config it takes over. A part of
// check_config.

#include "stream/config_check.h"

namespace frond::stream {

ApiError check_mirror(StreamConfig& config, bool pedantic, const ConfigLookup& find);

}  // namespace frond::stream
