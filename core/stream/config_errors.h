#pragma once
// The two errors by which a stream config is refused in words of its own. Used by the config
// checks.

#include "stream/error_table.h"

#include <string_view>

namespace frond::stream {

inline ApiError invalid(std::string_view text) { return api_error(10052, {text}); }
/// A default that is not what was asked for.
inline ApiError pedantic_error(std::string_view text) { return api_error(10157, {text}); }

}  // namespace frond::stream
