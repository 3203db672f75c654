// What comes back from the hub for each forwarded message: an ack, or a refusal for now or for
// good.

#include "base/limits.h"
#include "sync/api_json.h"
#include "sync/forward/forward.h"
#include "sync/forward/forward_message.h"
#include "sync/retry_pause.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace frond::sync {

void Forward::on_inbox(InboxId, std::string_view target, const base::Message& message,
                       Instant now) {
  if (!target.starts_with(ack_prefix_)) {
    return;
  }
  const std::string_view digits = target.substr(ack_prefix_.size());
  StreamSeq sequence;
  std::from_chars(digits.data(), digits.data() + digits.size(), sequence.value);
  if (!flights_.waits(sequence)) {
    return;
  }
  const auto oldest = flights_.oldest();
  if (oldest && oldest->sequence == sequence) {
    progressed_at_ = now;
  }
  const PubAck ack = read_pub_ack(message.payload);
  if (forward_is_no_responders(message.header)) {
    flights_.send_again(sequence);
    drain("no responders at the hub", now);
  } else if (ack.error) {
    refused(sequence, ack.error, now);
  } else if (!ack.readable || ack.sequence.none() || ack.stream.empty()) {
    return;
  } else if (ack.duplicate && !believes_duplicate(sequence)) {
    suspect(sequence, {ack.stream, ack.sequence, {}}, now);
  } else {
    if (const auto sent = flights_.sent_once_at(sequence)) {
      window_.acked(*sent, now);
    } else {
      window_.acked_again();
    }
    if (mode_ == Mode::sending) {  // Else something else is amiss.
      failures_ = settle_failures_ = 0;
      error_.clear();
    }
    stored(sequence, {ack.stream, ack.sequence, {}});
  }
  ledger_.save_soon(now);
  if (mode_ == Mode::draining && flights_.waiting() == 0) {
    mode_ = Mode::pausing;
  }
  pump_due_ = true;
}

void Forward::stored(StreamSeq sequence, const HubPlace& place) {
  suspects_.erase(sequence);
  ledger_.acknowledged(place);
  places_.learn(sequence, place.sequence);
  flights_.settle(sequence, place);
  advance();
}

/// What is refused for now must be stored before anything that has not been sent yet.
void Forward::refused(StreamSeq sequence, const stream::ApiError& why, Instant now) {
  switch (forward_refusal(why)) {
    case ForwardRefusal::final:
      refuse(sequence, why, now);
      break;
    case ForwardRefusal::passing:
      flights_.send_again(sequence);
      drain(why.description, now);
      break;
    case ForwardRefusal::unsure:
      flights_.doubt(sequence);
      drain(why.description, now);
      break;
  }
}

/// Nothing more is sent until those in flight have been answered, then a pause.
void Forward::drain(std::string why, Instant now) {
  error_ = std::move(why);
  if (mode_ == Mode::sending) {  // One failure, however many are refused with it.
    ++failures_;
    window_.refused();
    mode_ = Mode::draining;
    resume_at_ = now + retry_pause(failures_);
  }
  if (mode_ == Mode::draining && flights_.waiting() == 0) {
    mode_ = Mode::pausing;
  }
}

void Forward::advance() {
  while (const auto settled = inherited_.take_settled()) {
    ledger_.settled(settled->sequence, settled->place);
    next_ = reached_ = settled->sequence.next();
  }
  while (const auto settled = flights_.take_settled(reached_)) {
    ledger_.settled(settled->sequence, settled->place);
  }
  next_ = std::max(next_, ledger_.state().acked.next());
}

}  // namespace frond::sync
