// Pull requests at a consumer (PL-01 to PL-15): taken in or refused, served in turn, ended by time,
// by lost interest or by the end of the stream, each with the status line that clients compare.

#include "base/duration_text.h"
#include "base/limits.h"
#include "base/time_sum.h"
#include "consumer/consumer.h"
#include "consumer/request_json.h"

#include <algorithm>
#include <string>
#include <utility>

namespace frond::consumer {

void Consumer::status(std::string_view target, std::string_view line, std::string_view reply) {
  std::string header = "NATS/1.0 ";
  header.append(line).append("\r\n\r\n");
  environment_.outlet.send(target, {target, reply, header, {}});
}

/// With what the request was still owed (PL-06): clients count on from there.
void Consumer::status(std::string_view target, std::string_view line, const PullRequest& left) {
  std::string header = "NATS/1.0 ";
  header.append(line)
      .append("\r\nNats-Pending-Messages: ")
      .append(std::to_string(left.batch))
      .append("\r\nNats-Pending-Bytes: ")
      .append(std::to_string(left.max_bytes))
      .append("\r\n\r\n");
  environment_.outlet.send(target, {target, {}, header, {}});
}

/// PL-03: lets the reader find out that it has missed something.
void Consumer::heartbeat(std::string_view target) {
  std::string header = "NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: ";
  header.append(std::to_string(next_consumer_.previous().value))
      .append("\r\nNats-Last-Stream: ")
      .append(std::to_string(next_stream_.previous().value))
      .append("\r\n");
  if (!flow_id_.empty()) {
    header.append("Nats-Consumer-Stalled: ").append(flow_id_).append("\r\n");
  }
  header.append("\r\n");
  environment_.outlet.send(target, {target, {}, header, {}});
}

void Consumer::on_pull(std::string_view reply, std::string_view body, Instant now) {
  if (closed_ || reply.empty()) {
    return;
  }
  if (config_.push()) {
    return status(reply, "409 Consumer is push based");
  }
  PullBody asked = read_pull(body, now);
  PullRequest& request = asked.request;
  request.reply = reply;
  if (!asked.error.empty()) {
    return status(reply, "400 Bad Request - " + asked.error);
  }
  if (config_.max_batch > 0 && request.batch > config_.max_batch) {
    return status(reply, "409 Exceeded MaxRequestBatch of " + std::to_string(config_.max_batch));
  }
  if (config_.max_expires.count() > 0 && asked.expires > config_.max_expires) {
    return status(
        reply, "409 Exceeded MaxRequestExpires of " + base::duration_format(config_.max_expires));
  }
  if (config_.max_bytes > 0 && request.max_bytes > config_.max_bytes) {
    return status(reply, "409 Exceeded MaxRequestMaxBytes of " + std::to_string(config_.max_bytes));
  }
  if (asked.overflow) {
    return status(reply, "400 Bad Request - Not a Overflow Priority consumer");
  }
  if (asked.pinned) {
    return status(reply, "400 Bad Request - Not a Pinned Client Priority consumer");
  }
  if (asked.priority < 0 || asked.priority > 9) {
    return status(reply, "400 Bad Request - Priority must be between 0 and 9");
  }
  pulls_.last_request = now;
  inactive_at_ = kNever;
  if (std::ssize(pulls_.requests) >= config_.max_waiting) {
    sweep_requests(now);
  }
  if (request.no_wait) {
    forget_removed(now);
    const std::uint64_t available = num_pending_ + redeliver_.size();
    if (available == 0 && request.expires == kNever) {
      return status(reply, "404 No Messages");
    }
    if (available > 0) {
      sweep_requests(now);
      if (std::cmp_less(available, pulls_.wanted())) {
        return status(reply, "408 Requests Pending");
      }
    }
  }
  if (std::ssize(pulls_.requests) >= config_.max_waiting) {
    // A client with heartbeats notices by itself; an answer would make it ask again at once.
    return request.heartbeat.count() == 0 ? status(reply, "409 Exceeded MaxWaiting") : void();
  }
  pulls_.requests.push_back(std::move(request));
  wake();
}

/// The request that gets the next message of `size` bytes, one off its batch; the ring turns. A
/// reader that has much to read already is passed over.
std::optional<PullRequest> Consumer::next_request(std::size_t size, Instant now) {
  for (std::size_t full = 0; full < pulls_.requests.size();) {
    PullRequest request = std::move(pulls_.requests.front());
    pulls_.requests.pop_front();
    if (now >= request.expires) {
      status(request.reply, "408 Request Timeout", request);
      continue;
    }
    if (request.max_bytes > 0 && std::cmp_greater(size, request.max_bytes)) {
      status(request.reply, "409 Message Size Exceeds MaxBytes", request);
      continue;
    }
    const base::Reach reach = environment_.outlet.reach(request.reply);
    if (reach == base::Reach::nobody) {
      continue;  // Whoever asked is gone (PL-01).
    }
    if (reach == base::Reach::full) {
      pulls_.requests.push_back(std::move(request));
      ++full;
      continue;
    }
    if (request.max_bytes > 0) {
      request.max_bytes -= static_cast<std::int64_t>(size);
      if (request.max_bytes == 0) {
        request.batch = 1;
      }
    }
    ++request.delivered;
    request.batch = std::max<std::int64_t>(request.batch, 1) - 1;
    if (request.batch > 0) {
      if (request.heartbeat.count() > 0) {
        request.next_heartbeat = base::after(now, request.heartbeat);
      }
      pulls_.requests.push_back(request);
    }
    return request;
  }
  waits_for_room_ = !pulls_.requests.empty();
  environment_.room_wanted |= waits_for_room_;
  return std::nullopt;
}

/// Ends what is over and sends heartbeats. `end_of_stream`: nothing is left to deliver, so a
/// request that does not want to wait ends as well.
void Consumer::process_requests(bool end_of_stream, Instant now) {
  // Walked in a copy: a status that goes out may bring the next request in.
  std::deque<PullRequest> waiting = std::exchange(pulls_.requests, {});
  std::deque<PullRequest> kept;
  for (PullRequest& request : waiting) {
    if (now >= request.expires) {
      status(request.reply, "408 Request Timeout", request);
      continue;
    }
    const bool done =
        end_of_stream && request.no_wait && (request.expires == kNever || request.delivered > 0);
    if (done) {
      status(request.reply, "404 No Messages");
      continue;
    }
    if (!environment_.outlet.has_interest(request.reply)) {
      continue;
    }
    if (now >= request.next_heartbeat) {
      heartbeat(request.reply);
      request.next_heartbeat = base::after(now, request.heartbeat);
    }
    kept.push_back(std::move(request));
  }
  // What came in meanwhile stands behind.
  std::ranges::move(pulls_.requests, std::back_inserter(kept));
  pulls_.requests = closed_ ? std::deque<PullRequest>{} : std::move(kept);
}

/// Ends what is over to make room. A client that pulls thousands of times at once has all that wait
/// looked at a few times, not at each of them.
void Consumer::sweep_requests(Instant now) {
  if (pulls_.swept_at != now) {
    pulls_.swept_at = now;
    pulls_.sweeps = 0;
  }
  if (++pulls_.sweeps <= base::pull_sweeps_max) {
    process_requests(false, now);
  }
}

/// CC-17. A reader may be at work without asking: the last ack it could still send counts.
bool Consumer::inactive(Instant now) {
  if (inactive_after_.count() <= 0) {
    inactive_at_ = kNever;
    return false;
  }
  if (config_.push()) {
    if (active_) {
      inactive_at_ = kNever;
    } else if (inactive_at_ == kNever) {
      inactive_at_ = base::after(now, inactive_after_);
    }
    return now >= inactive_at_;
  }
  inactive_at_ = base::after(pulls_.last_request, inactive_after_);
  if (now < inactive_at_) {
    return false;
  }
  if (!pulls_.requests.empty()) {
    inactive_at_ = base::after(now, inactive_after_);
    return false;
  }
  for (const auto& [sequence, pending] : pending_) {
    const Duration quiet = base::sum(wait_of(sequence), inactive_after_);
    inactive_at_ = std::max(inactive_at_, base::after(pending.since, quiet));
  }
  return now >= inactive_at_;
}

}  // namespace frond::consumer
