#pragma once
// Stream configs to and from JSON, with nats-server's names, order and omissions (SC-01 to SC-35).
// Reading is strict: unknown fields are 10025. Features that this build does not have and that
// would change what happens to messages are 10052, never accepted in silence. Checks that need
// defaults or other streams are in config_check.h.

#include "stream/config.h"
#include "stream/error.h"
#include "wire/json_reader.h"

#include <string>
#include <string_view>

namespace frond::stream {

struct ParsedStreamConfig {
  ApiError error;
  StreamConfig config;    ///< As given, without defaults.
  bool pedantic = false;  ///< The flag beside the config in create and update requests.
};

/// A STREAM.CREATE or STREAM.UPDATE body.
ParsedStreamConfig parse_stream_config(std::string_view body);
ParsedStreamConfig parse_stream_config(const wire::Json& value);

wire::Json stream_config_json(const StreamConfig& config);

}  // namespace frond::stream
