#pragma once
// The pull requests that wait at one consumer (PL-01): a ring in order of arrival, from which the
// next delivery takes its reply subject. Pure bookkeeping; pulls.cc and delivery.cc decide.

#include <frond/types.h>

#include <cstdint>
#include <deque>
#include <limits>
#include <string>

namespace frond::consumer {

struct PullRequest {
  std::string reply;
  std::int64_t batch = 1;  ///< Messages still wanted.
  std::int64_t delivered = 0;
  std::int64_t max_bytes = 0;  ///< Bytes still wanted; 0: no bound.
  Instant expires = kNever;    ///< kNever: none was given.
  Duration heartbeat{0};
  Instant next_heartbeat = kNever;
  bool no_wait = false;
};

struct PullQueue {
  std::deque<PullRequest> requests;
  Instant last_request{};  ///< What inactivity counts from (CC-17).
  Instant swept_at{};      ///< When what is over was last looked for,
  int sweeps = 0;          ///< and how often at that moment.

  std::int64_t wanted() const {
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    std::int64_t total = 0;
    for (const PullRequest& request : requests) {
      // Clients may ask for any number.
      total = request.batch > most - total ? most : total + request.batch;
    }
    return total;
  }
};

}  // namespace frond::consumer
