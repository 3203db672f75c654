#pragma once
// The body that STREAM.MSG.GET and DIRECT.GET share (JA-09, DG-01 to DG-04).

#include "wire/json_reader.h"

#include <frond/types.h>

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace frond::api {

/// The status of a direct get whose message is there, but cannot be read now. nats-server has none
/// for it and says that there is no such message, which a client may take for a deletion.
inline constexpr std::string_view unreadable = "500 JetStream system temporarily unavailable";

struct MessageGet {
  StreamSeq sequence;
  std::string last_for;
  std::string next_for;
  std::int64_t batch = 0;
  std::int64_t max_bytes = 0;
  std::optional<WallTime> start_time;
  std::vector<std::string> multi_last;
  StreamSeq up_to;
  std::optional<WallTime> up_to_time;
  bool no_headers = false;
};

/// `strict` refuses unknown fields. Returns what is wrong in Go's words.
std::string read_message_get(const wire::Json& body, bool strict, MessageGet& out);

}  // namespace frond::api
