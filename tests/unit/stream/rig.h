#pragma once
// A set of streams over fake storage, with what tests say of them in a word.

#include "stream/config_json.h"
#include "support/streams_node.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

namespace frond::test {

inline Instant at_ms(std::int64_t ms) {
  return Instant(std::chrono::seconds(1'700'000'000) + std::chrono::milliseconds(ms));
}

inline WallTime wall(Instant at) { return WallTime(at.time_since_epoch()); }

struct Rig : StreamsNode {
  explicit Rig(bool appends = true, stream::StreamsLimits the_limits = {})
      : StreamsNode(appends, the_limits) {}

  stream::StreamOutcome create(std::string_view json) {
    stream::ParsedStreamConfig parsed = stream::parse_stream_config(json);
    INFO(parsed.error.description);
    REQUIRE_FALSE(parsed.error);
    return streams->create(std::move(parsed.config), now, parsed.pedantic);
  }
  stream::Stream& make(std::string_view json) {
    const stream::StreamOutcome outcome = create(json);
    INFO(outcome.error.description);
    REQUIRE(outcome.stream != nullptr);
    return *outcome.stream;
  }
  stream::IngestResult publish(stream::Stream& stream, std::string_view subject,
                               std::string_view payload, std::string_view headers = {}) {
    std::string block;
    if (!headers.empty()) {
      block = "NATS/1.0\r\n" + std::string(headers) + "\r\n\r\n";
    }
    return stream.ingest({subject, {}, block, payload}, now);
  }
};

inline std::string payload_of(stream::Stream& stream, std::uint64_t sequence) {
  const auto message = stream.get({sequence});
  return message ? std::string(message->payload) : "(none)";
}

}  // namespace frond::test
