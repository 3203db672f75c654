#pragma once
// A set of streams over fake storage, with the journal's part of a host played by commit().

#include "contract/fake_storage.h"
#include "store/journal.h"
#include "stream/config_json.h"
#include "stream/streams.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <string_view>

namespace frond::test {

inline Instant at_ms(std::int64_t ms) {
  return Instant(std::chrono::seconds(1'700'000'000) + std::chrono::milliseconds(ms));
}

inline WallTime wall(Instant at) { return WallTime(at.time_since_epoch()); }

struct Rig {
  explicit Rig(bool appends = true, stream::StreamsLimits the_limits = {})
      : files(appends), limits(the_limits) {
    open();
  }

  std::vector<stream::Quarantined> open() {
    streams.reset();
    journal = std::make_unique<store::Journal>();
    streams = std::make_unique<stream::Streams>(*journal, files, entropy, limits, clock);
    return streams->recover(now);
  }
  /// Makes everything so far durable.
  void commit() {
    while (const auto sealed = journal->seal()) {
      files.apply(*sealed);
      journal->completed(sealed->ticket);
      streams->durable(sealed->ticket, now);
    }
  }
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

  FakeStorage files;
  TestEntropy entropy{1};
  stream::StreamsLimits limits;
  base::Clock clock;
  Instant now = at_ms(0);
  std::unique_ptr<store::Journal> journal;
  std::unique_ptr<stream::Streams> streams;
};

inline std::string payload_of(stream::Stream& stream, std::uint64_t sequence) {
  const auto message = stream.get({sequence});
  return message ? std::string(message->payload) : "(none)";
}

}  // namespace frond::test
