// What a consumer does with acknowledgements and with their absence (AK-01 to AK-06): positive,
// negative with delay, in progress, terminated; ack waits, back-off, the floor below which
// everything is done, and the order in which messages go out again.

#include "base/time_sum.h"
#include "consumer/consumer.h"
#include "consumer/request_json.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace frond::consumer {
namespace {

constexpr std::size_t tokens_v1 = 9;
constexpr std::size_t tokens_v2 = 11;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blank);
  return first == std::string_view::npos
             ? std::string_view()
             : text.substr(first, text.find_last_not_of(blank) - first + 1);
}

bool number(std::string_view token, std::uint64_t& out) {
  const auto [end, status] = std::from_chars(token.data(), token.data() + token.size(), out);
  return status == std::errc() && end == token.data() + token.size();
}

}  // namespace

std::optional<AckSubject> parse_ack_subject(std::string_view subject) {
  std::array<std::string_view, tokens_v2> tokens;
  std::size_t count = 0;
  for (std::size_t start = 0; start <= subject.size();) {
    const std::size_t dot = std::min(subject.find('.', start), subject.size());
    if (count < tokens_v2) {
      tokens[count] = subject.substr(start, dot - start);
    }
    ++count;
    start = dot + 1;
  }
  if ((count != tokens_v1 && count < tokens_v2) || tokens[0] != "$JS" || tokens[1] != "ACK") {
    return std::nullopt;
  }
  // The newer form has the domain and a hash of the account in front of the stream.
  const std::size_t numbers = count == tokens_v1 ? 4 : 6;
  AckSubject ack;
  if (!number(tokens[numbers], ack.deliveries) || !number(tokens[numbers + 1], ack.stream.value) ||
      !number(tokens[numbers + 2], ack.consumer.value) || ack.stream.none()) {
    return std::nullopt;
  }
  return ack;
}

bool Consumer::means_lost(const AckSubject& ack) const {
  return ack.stream > lost_above_ && ack.consumer < lost_before_;
}

void Consumer::on_ack(const base::Message& message, Instant now) {
  const std::optional<AckSubject> ack = parse_ack_subject(message.subject);
  if (closed_ || !ack || means_lost(*ack)) {
    return;
  }
  const std::string_view body = message.payload;
  bool answer = true;
  if (body.empty() || body == "+ACK" || body == "+OK") {
    answer = acknowledge(*ack, true, now);
  } else if (body.starts_with("+NXT")) {
    acknowledge(*ack, true, now);
    on_pull(message.reply, body.substr(4), now);
    answer = false;
  } else if (body.starts_with("-NAK")) {
    negative(*ack, trimmed(body.substr(4)), now);
  } else if (body == "+WPI") {
    if (const auto entry = pending_.find(ack->stream); entry != pending_.end()) {
      entry->second.since = now;
      changed();
    }
  } else if (body.starts_with("+TERM")) {
    answer = terminate(*ack, trimmed(body.substr(5)), now);
  }
  if (answer && !message.reply.empty()) {
    confirm(message.reply);
  }
  wake();
}

/// A double ack: says "done" once the state that knows of it is durable. pump() writes that state
/// within this input, hence into the commit that the journal is gathering now.
void Consumer::confirm(std::string_view reply) {
  save_soon();
  const Ticket ticket = persistent_ ? environment_.journal.open_ticket() : Ticket{0};
  environment_.gate.hold(ticket, store::Reply{std::string(reply), {}, {}}, store::Reply{});
}

/// False when the ack is for something that was never delivered; the client then gets no answer.
bool Consumer::acknowledge(const AckSubject& ack, bool sample, Instant now) {
  const bool delivered = ack.stream < next_stream_ || pending_.contains(ack.stream);
  if (!delivered || config_.ack_policy == AckPolicy::none) {
    return false;
  }
  floor_last_ = environment_.clock.wall(now);
  changed();
  if (config_.ack_policy == AckPolicy::all) {
    acknowledge_up_to(ack);
    return true;
  }
  if (const auto entry = pending_.find(ack.stream); entry != pending_.end()) {
    const Pending pending = entry->second;
    pending_.erase(entry);
    if (sample) {
      sample_ack(ack, pending.since, now);
    }
    move_floor(pending.delivery, ack.stream);
  }
  redelivered_.erase(ack.stream);
  redeliver_.remove(ack.stream);
  return true;
}

void Consumer::acknowledge_up_to(const AckSubject& ack) {
  const auto end = pending_.upper_bound(ack.stream);
  if (end == pending_.begin()) {
    return;
  }
  // What the ack says of consumer sequences may be made up, or of an earlier consumer of this name:
  // it counts as far as it fits what was delivered here.
  const ConsumerSeq delivered = std::prev(end)->second.delivery;
  floor_consumer_ =
      std::max(floor_consumer_,
               std::clamp(ack.consumer, delivered, std::max(delivered, next_consumer_.previous())));
  floor_stream_ = std::max(floor_stream_, ack.stream);
  pending_.erase(pending_.begin(), end);
  redelivered_.erase(redelivered_.begin(), redelivered_.upper_bound(ack.stream));
  redeliver_.remove_up_to(ack.stream);
}

/// A message that was delivered and is no longer in the stream: nobody is to acknowledge it any
/// more. Unlike an acknowledgement it says nothing of those before it.
void Consumer::forget_deleted(StreamSeq sequence, Instant now) {
  redeliver_.remove(sequence);
  const auto entry = pending_.find(sequence);
  if (entry == pending_.end()) {
    return;
  }
  const ConsumerSeq delivery = entry->second.delivery;
  advise_terminated({deliveries(sequence), sequence, delivery},
                    "Unacknowledged message was deleted", now);
  changed();
  pending_.erase(sequence);
  redelivered_.erase(sequence);
  move_floor(delivery, sequence);
}

void Consumer::move_floor(ConsumerSeq delivery, StreamSeq sequence) {
  if (pending_.empty()) {
    floor_consumer_ = next_consumer_.previous();
    floor_stream_ = std::max(next_stream_, delivered_stream_.next()).previous();
  } else if (delivery == floor_consumer_.next()) {
    floor_consumer_ = delivery;
    floor_stream_ = sequence;
    if (const auto next = pending_.upper_bound(sequence); next != pending_.end()) {
      floor_consumer_ = std::max(floor_consumer_, next->second.delivery.previous());
      floor_stream_ = next->first.previous();
    }
  }
}

void Consumer::negative(const AckSubject& ack, std::string_view argument, Instant now) {
  const auto entry = pending_.find(ack.stream);
  if (ack.consumer <= floor_consumer_ || ack.consumer > next_consumer_ || entry == pending_.end()) {
    return;
  }
  advise_naked(ack, now);
  if (!argument.empty()) {
    if (const std::optional<Duration> delay = read_nak_delay(argument)) {
      // As if it had been delivered just so long ago that its wait ends after the delay (AK-01).
      redeliver_.remove(ack.stream);
      entry->second.since = base::after(base::after(now, *delay), -wait_of(ack.stream));
      ack_deadline_ = std::min(ack_deadline_, base::after(now, *delay));
      changed();
      return;
    }
  }
  if (!give_up_if_exhausted(ack.stream, now)) {
    redeliver_.push(ack.stream);
  }
}

bool Consumer::terminate(const AckSubject& ack, std::string_view reason, Instant now) {
  const bool answer = acknowledge(ack, false, now);
  advise_terminated(ack, reason, now);
  return answer;
}

/// CC-07: how long an ack of this message is waited for, by how often it went out.
Duration Consumer::wait_of(StreamSeq sequence) const {
  if (config_.backoff.empty()) {
    return config_.ack_wait;
  }
  const std::size_t step = static_cast<std::size_t>(deliveries(sequence) - 1);
  return config_.backoff[std::min(step, config_.backoff.size() - 1)];
}

/// CC-25: after max_deliver deliveries the consumer stops trying; the message stays in the stream.
bool Consumer::give_up_if_exhausted(StreamSeq sequence, Instant now) {
  if (config_.max_deliver <= 0 ||
      deliveries(sequence) < static_cast<std::uint64_t>(config_.max_deliver)) {
    return false;
  }
  const auto entry = pending_.find(sequence);
  if (entry != pending_.end()) {
    advise_exceeded(sequence, deliveries(sequence), now);
    const ConsumerSeq delivery = entry->second.delivery;
    pending_.erase(entry);
    move_floor(delivery, sequence);
    changed();
  }
  return true;
}

void Consumer::expire_acks(Instant now) {
  if (now < ack_deadline_) {
    return;
  }
  ack_deadline_ = kNever;
  std::vector<StreamSeq> expired;
  for (const auto& [sequence, pending] : pending_) {
    const Duration wait = wait_of(sequence);
    if (wait.count() <= 0 || redeliver_.contains(sequence)) {
      continue;
    }
    if (const Instant until = base::after(pending.since, wait); until <= now) {
      expired.push_back(sequence);
    } else {
      ack_deadline_ = std::min(ack_deadline_, until);
    }
  }
  for (const StreamSeq sequence : expired) {
    if (!give_up_if_exhausted(sequence, now)) {
      redeliver_.push(sequence);
    }
  }
}

void Consumer::redeliver_all(Instant now) {
  std::vector<StreamSeq> waiting;
  for (const auto& [sequence, pending] : pending_) {
    waiting.push_back(sequence);
  }
  for (const StreamSeq sequence : waiting) {
    if (!give_up_if_exhausted(sequence, now)) {
      redeliver_.push(sequence);
    }
  }
}

}  // namespace frond::consumer
