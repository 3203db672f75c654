// How messages leave a consumer: redeliveries first, then what is left of the last-per-subject
// pass, then what the stream holds behind the position (all of it durable), each to a waiting pull
// request or to the deliver subject.

#include "base/limits.h"
#include "base/time_sum.h"
#include "consumer/consumer.h"

#include <algorithm>
#include <string>
#include <utility>

namespace frond::consumer {
namespace {

constexpr std::string_view header_line = "NATS/1.0\r\n";
constexpr std::string_view account_hash = "szMpdrwD";  // Of "$G", the one account there is.

/// CC-14: the header block with Nats-Msg-Size added at its end.
std::string with_size(std::string_view header, std::size_t payload_bytes) {
  std::string out(header.empty() ? header_line : header.substr(0, header.size() - 2));
  out.append("Nats-Msg-Size: ").append(std::to_string(payload_bytes)).append("\r\n\r\n");
  return out;
}

}  // namespace

bool Consumer::may_deliver(Instant now) const {
  if (closed_ || paused(now) || now < not_before_) {
    return false;
  }
  if (!config_.push()) {
    return !pulls_.requests.empty();
  }
  return active_ && !(config_.flow_control && flow_bytes_ > flow_window_);
}

void Consumer::deliver_available(Instant now) {
  more_ = false;
  stalled_ = false;
  waits_for_room_ = false;
  std::size_t messages = 0;
  std::size_t bytes = 0;
  std::size_t look_at = 0;
  if (now >= not_before_) {
    not_before_ = {};
  }
  while (may_deliver(now)) {
    if (messages >= base::pump_messages_max || bytes >= base::pump_bytes_max) {
      more_ = true;
      break;
    }
    if (config_.push() && bytes >= look_at) {
      look_at = bytes + base::room_look_bytes;
      if (environment_.outlet.reach(config_.deliver_subject) == base::Reach::full) {
        waits_for_room_ = environment_.room_wanted = true;
        break;
      }
    }
    const std::optional<Next> next = next_message(now);
    if (!next) {
      break;
    }
    if (!next->redelivery && num_pending_ > 0) {
      --num_pending_;
    }
    const stream::StoredMessage& message = next->message;
    const std::string reply = ack_reply(*next);
    std::string sized;
    base::Message shown{message.subject, reply, message.header, message.payload};
    if (config_.headers_only) {
      sized = with_size(message.header, message.payload.size());
      shown.header = sized;
      shown.payload = {};
    }
    // PL-15: what counts against max_bytes; the inbox it goes to does not.
    const std::size_t size =
        shown.subject.size() + reply.size() + shown.header.size() + shown.payload.size();
    std::optional<PullRequest> request;
    const bool held = hold_back(*next, size, now);
    if (!held && !config_.push()) {
      request = next_request(size, now);
    }
    if (held || (!config_.push() && !request)) {
      num_pending_ += next->redelivery ? 0 : 1;
      break;
    }
    ++messages;
    bytes += size;
    taken(*next);
    deliver(*next, config_.push() ? config_.deliver_subject : request->reply, reply, shown, size,
            now);
    if (!closed_ && request && request->batch <= 0 && request->max_bytes > 0) {
      status(request->reply, "409 Batch Completed", *request);
    }
  }
  if (!closed_ && !config_.push()) {
    process_requests(!stalled_ && !more_ && !waits_for_room_, now);
  }
}

std::optional<Consumer::Next> Consumer::next_message(Instant now) {
  if (auto next = next_redelivery(now)) {
    return next;
  }
  if (now < not_before_) {
    return std::nullopt;  // One that cannot be read now.
  }
  if (config_.max_ack_pending > 0 && std::ssize(pending_) >= config_.max_ack_pending &&
      config_.ack_policy != AckPolicy::none) {
    stalled_ = true;
    return std::nullopt;
  }
  if (auto next = next_of_skip_list(now)) {
    return next;
  }
  return skip_list_.empty() ? next_new(now) : std::nullopt;
}

/// A message that the host cannot read now is waited for. Passed over it would never be delivered,
/// nor would those behind it be in order.
bool Consumer::wait_until_readable(const stream::Lookup& found, Instant now) {
  if (found.unreadable) {
    not_before_ = now + base::unreadable_pause;
  }
  return found.unreadable.has_value();
}

std::optional<Consumer::Next> Consumer::next_redelivery(Instant now) {
  while (!redeliver_.empty()) {
    const StreamSeq sequence = redeliver_.front();
    const std::uint64_t times = deliveries(sequence);
    if (give_up_if_exhausted(sequence, now)) {
      redeliver_.remove(sequence);
      continue;
    }
    const stream::Lookup message = stream_.get(sequence);
    if (message) {
      return Next{*message, times + 1, true};
    }
    if (wait_until_readable(message, now)) {
      return std::nullopt;
    }
    redeliver_.remove(sequence);
    forget_deleted(sequence, now);
  }
  return std::nullopt;
}

std::optional<Consumer::Next> Consumer::next_of_skip_list(Instant now) {
  while (!skip_list_.empty()) {
    const StreamSeq sequence = skip_list_.front();
    if (sequence > stream_.durable_last()) {
      return std::nullopt;
    }
    const stream::Lookup message = stream_.get(sequence);
    if (message) {
      return Next{*message, 1, false};
    }
    if (wait_until_readable(message, now)) {
      return std::nullopt;
    }
    skip_list_.pop_front();
    num_pending_ -= num_pending_ > 0 ? 1 : 0;
    next_stream_ = skip_list_.empty() ? skip_resume_.next() : skip_list_.front();
  }
  return std::nullopt;
}

std::optional<Consumer::Next> Consumer::next_new(Instant now) {
  const StreamSeq durable = stream_.durable_last();
  if (next_stream_ > durable) {
    return std::nullopt;
  }
  const stream::Lookup message = stream_.next_for(filters_, next_stream_);
  if (wait_until_readable(message, now)) {
    return std::nullopt;
  }
  if (message && message->sequence <= durable) {
    return Next{*message, 1, false};
  }
  // Nothing that matches up to here: the next look starts behind it. Heartbeats tell of it.
  next_stream_ = durable.next();
  num_pending_ = 0;
  return std::nullopt;
}

/// Whether this message must wait for its time: recorded pace (CC-09) or rate limit (CC-10).
bool Consumer::hold_back(const Next& next, std::size_t size, Instant now) {
  if (replaying_ && !next.redelivery) {
    if (next.message.sequence > replay_until_) {
      replaying_ = false;
    } else if (replay_recorded_) {
      const Duration gap = base::between(*replay_recorded_, next.message.time);
      if (gap > std::chrono::milliseconds(1) && now < base::after(replay_sent_, gap)) {
        not_before_ = base::after(replay_sent_, gap);
        return true;
      }
    }
    replay_recorded_ = next.message.time;
    replay_sent_ = now;
  }
  if (config_.rate_limit_bps > 0) {
    // This message goes; the next one waits until the line would be free again.
    const double seconds =
        static_cast<double>(size) * 8.0 / static_cast<double>(config_.rate_limit_bps);
    not_before_ = now + Duration(static_cast<std::int64_t>(seconds * 1e9));
  }
  return false;
}

/// The message will go out: the position moves past it.
void Consumer::taken(const Next& next) {
  const StreamSeq sequence = next.message.sequence;
  if (next.redelivery) {
    redeliver_.remove(sequence);
    redelivered_[sequence] = next.deliveries - 1;
  } else if (!skip_list_.empty()) {
    skip_list_.pop_front();
    next_stream_ = skip_list_.empty() ? std::max(skip_resume_, sequence).next() : sequence.next();
  } else {
    next_stream_ = sequence.next();
  }
  delivered_stream_ = std::max(delivered_stream_, sequence);
}

void Consumer::deliver(const Next& next, std::string_view target, std::string_view reply,
                       const base::Message& shown, std::size_t size, Instant now) {
  const ConsumerSeq delivery = next_consumer_;
  next_consumer_ = delivery.next();
  delivered_last_ = environment_.clock.wall(now);
  const StreamSeq sequence = next.message.sequence;
  if (config_.ack_policy == AckPolicy::none) {
    floor_consumer_ = delivery;
    floor_stream_ = sequence;
  } else {
    track(sequence, delivery, now);
  }
  changed();
  pulls_.last_request = now;
  if (heartbeat_at_ != kNever) {
    heartbeat_at_ = base::after(now, config_.idle_heartbeat);
  }
  environment_.outlet.send(target, {shown.subject, reply, shown.header, shown.payload});
  if (!closed_) {
    count_pushed(size);
  }
}

std::string Consumer::reply_name() const {
  std::string out;
  if (!environment_.ack_domain.empty() && config_.ack_policy != AckPolicy::none) {
    out.append(environment_.ack_domain).append(".").append(account_hash).append(".");
  }
  out.append(stream_.config().name).append(".").append(name_);
  return out;
}

/// AK-03 and AK-04: where acknowledgements go, and what clients read a message's metadata from.
std::string Consumer::ack_reply(const Next& next) const {
  std::string out = "$JS.ACK." + reply_name();
  const auto add = [&](auto number) { out.append(".").append(std::to_string(number)); };
  add(next.deliveries);
  add(next.message.sequence.value);
  add(next_consumer_.value);
  add(next.message.time.time_since_epoch().count());
  add(num_pending_);
  return out;
}

void Consumer::track(StreamSeq sequence, ConsumerSeq delivery, Instant now) {
  // A redelivery keeps the consumer sequence of the first one: the floor is built on it.
  const auto [entry, added] = pending_.try_emplace(sequence, Pending{delivery, now});
  entry->second.since = now;
  const Duration wait = wait_of(sequence);
  if (wait.count() > 0) {
    ack_deadline_ = std::min(ack_deadline_, base::after(now, wait));
  }
}

}  // namespace frond::consumer
