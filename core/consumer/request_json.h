#pragma once
// The small JSON that reaches a consumer without the API: the body of a pull request (nats-features
// 9) and the delay of a negative acknowledgement.

#include "consumer/pull_queue.h"

#include <frond/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace frond::consumer {

/// A pull request as its client wrote it; the priority group fields are only looked at to refuse.
struct PullBody {
  PullRequest request;
  Duration expires{0};  ///< 0: none.
  std::string error;    ///< Go's words; empty when readable.
  bool overflow = false;
  bool pinned = false;
  std::int64_t priority = 0;
};
/// Empty: one message. A bare number: so many. Else JSON.
PullBody read_pull(std::string_view body, Instant now);

/// "5s", "100ms", ... or {"delay": nanoseconds}; nothing when it is neither.
std::optional<Duration> read_nak_delay(std::string_view text);

}  // namespace frond::consumer
