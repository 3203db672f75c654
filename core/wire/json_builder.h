#pragma once
// Makes a JSON value out of a text in time that grows with its length, however many fields one
// object has. (The library's own way looks through all earlier fields of an object for each new
// one, since ours keep their order.) Of fields with one name the last one counts, as in Go. Part of
// parse_json() (json_reader.h), which bounds the depth first and is the one to call.

#include "wire/json_reader.h"

#include <string_view>

namespace frond::wire {

/// False when `text` is no JSON; `out` is then of no use.
bool build_json(std::string_view text, Json& out);

}  // namespace frond::wire
