// What comes back from the hub for each forwarded message: an ack, a refusal for now or for good,
// or nothing, which leaves the message in doubt until the hub's stream has been read.

#include "base/limits.h"
#include "sync/api_json.h"
#include "sync/forward.h"
#include "sync/forward_message.h"
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
  const PubAck ack = read_pub_ack(message.payload);
  if (forward_is_no_responders(message.header)) {
    again(sequence, "no responders at the hub", now);
  } else if (ack.error && forward_may_pass(ack.error)) {
    again(sequence, ack.error.description, now);
  } else if (ack.error) {
    refuse(sequence, ack.error, now);
  } else if (ack.readable && !ack.sequence.none()) {
    failures_ = settle_failures_ = 0;
    cautious_ = false;
    error_.clear();
    stored(sequence, {ack.stream, ack.sequence});
  } else {
    return;
  }
  ledger_.save_soon(now);
  if (mode_ == Mode::draining && flights_.waiting() == 0) {
    mode_ = Mode::pausing;
  }
  pump_due_ = true;
}

void Forward::stored(StreamSeq sequence, const HubPlace& place) {
  ledger_.acknowledged(place);
  flights_.settle(sequence, place);
  advance();
}

void Forward::refuse(StreamSeq sequence, const stream::ApiError& why, Instant now) {
  ledger_.refused(why.description);
  flights_.settle(sequence, std::nullopt);
  const auto message = stream_.get(sequence);
  const std::string subject = "$FROND.ADVISORY.SYNC.REFUSED." + stream_.config().name;
  const std::string body = forward_refused_json(
      stream_.config().name, sequence, message ? message->subject : std::string_view{}, why);
  context_.outlet.send(subject, {subject, {}, {}, body});
  advance();
  ledger_.save_soon(now);
}

/// Refused for now: it must be stored before anything that has not been sent yet.
void Forward::again(StreamSeq sequence, std::string why, Instant now) {
  flights_.send_again(sequence);
  ++failures_;
  drain(std::move(why), now);
}

/// Nothing more is sent until those in flight have been answered, then a pause.
void Forward::drain(std::string why, Instant now) {
  error_ = std::move(why);
  cautious_ = true;
  if (mode_ == Mode::sending || mode_ == Mode::draining) {
    mode_ = flights_.waiting() == 0 ? Mode::pausing : Mode::draining;
    resume_at_ = now + retry_pause(failures_);
  }
}

void Forward::advance() {
  while (const auto settled = flights_.take_settled()) {
    ledger_.settled(settled->sequence, settled->place);
  }
  next_ = std::max(next_, ledger_.state().acked.next());
}

// --- Doubt -----------------------------------------------------------------------------------

void Forward::settle(Instant now) {
  mode_ = Mode::settling;
  resume_at_ = kNever;
  settle_began_ = now;
  context_.link.probe(now);
  settler_.start({.api = api_prefix(domain_),
                  .subjects = stream_.config().subjects,
                  .positions = ledger_.state().hub_streams,
                  .id_prefix = id_prefix_},
                 now);
}

void Forward::on_found(StreamSeq local, HubPlace place) {
  if (flights_.known(local) && !flights_.settled(local)) {
    stored(local, place);
  }
}

void Forward::on_settled(std::map<std::string, HubPosition> read, const Survey& found,
                         Instant now) {
  settle_failures_ = 0;
  learn_duplicate_window(found);
  ledger_.set_positions(std::move(read));
  send_waiting_again(now);
  if (found.streams.empty()) {
    ++failures_;
    pause("no stream at the hub stores these subjects", now + retry_pause(failures_));
  } else if (failures_ > 1) {
    pause(error_, now + retry_pause(failures_ - 1));
  } else {
    error_.clear();
    send_on(now);
  }
}

void Forward::on_settle_failed(const std::string& why, Instant now) {
  ++settle_failures_;
  // Inside the hub's duplicate window the id alone keeps a message from being stored twice. But
  // only of a hub that is awake: a second copy that waits in the buffers of a stopped one may
  // outlast the window that began with the first.
  if (settle_failures_ >= base::forward_settle_tries &&
      context_.link.last_heard() > settle_began_ &&
      flights_.all_first_sent_after(now - blind_resend_max_)) {
    error_ = why;
    send_waiting_again(now);
    send_on(now);
    return;
  }
  pause(why, now + retry_pause(settle_failures_));
}

/// Three quarters of the shortest window leave time for the way.
void Forward::learn_duplicate_window(const Survey& found) {
  for (const SurveyedStream& at_hub : found.streams) {
    if (at_hub.answered) {
      blind_resend_max_ = std::min(blind_resend_max_, at_hub.duplicate_window / 4 * 3);
    }
  }
}

void Forward::send_waiting_again(Instant now) {
  flights_.send_waiting_again();
  ledger_.save_soon(now);
}

}  // namespace frond::sync
