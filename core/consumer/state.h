#pragma once
// What a consumer remembers (CC-26) and its form on disk: a compact binary with a checksum, written
// whole. Format in docs/format.md. A text that fails its checksum reads as nothing; the consumer
// then starts from its configured start again, which delivers twice rather than loses.

#include "base/clock.h"

#include <frond/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace frond::consumer {

/// A message delivered and not yet acknowledged.
struct Pending {
  ConsumerSeq delivery;  ///< Of its first delivery; kept over redeliveries.
  Instant since{};       ///< Ack wait counts from here.
};

struct ConsumerState {
  ConsumerSeq delivered_consumer;
  StreamSeq delivered_stream;
  ConsumerSeq floor_consumer;
  StreamSeq floor_stream;
  std::map<StreamSeq, Pending> pending;
  /// How often a message was redelivered: deliveries - 1.
  std::map<StreamSeq, std::uint64_t> redelivered;
};

/// On disk, waits count from times of day, and the file says when it was written: where that lies
/// in the future, the wall clock was set back since, and no time has passed.
std::string encode_state(const ConsumerState& state, const base::Clock& clock, Instant now);
std::optional<ConsumerState> decode_state(std::string_view bytes, const base::Clock& clock,
                                          Instant now);

}  // namespace frond::consumer
