// What goes up: local writes read from the log, each under the condition that the hub has nothing
// newer of its subject than we know of, and what the hub answers.

#include "base/limits.h"
#include "sync/api_json.h"
#include "sync/forward/forward_message.h"
#include "sync/retry_pause.h"
#include "sync/two_way/two_way.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace frond::sync {

namespace {

// Read ahead of what is settled, and so in flight at most.
constexpr std::size_t open_writes_max = 512;
// How long what the hub has is waited for before its subject is looked at: it may be gone again.
constexpr Duration overdue = std::chrono::seconds(2);
constexpr std::uint16_t wrong_last_sequence = 10071;
constexpr std::uint16_t wrong_last_sequence_constant = 10164;
// In the place of a forwarder's epoch: sequence, time and sum tell our writes apart.
constexpr std::string_view id_kind = "w";

}  // namespace

void TwoWay::pump(Instant now) {
  scan(now);
  if (send_at_ != kNever) {
    return;
  }
  std::vector<StreamSeq> missing;
  for (OpenWrite& write : open_.all()) {
    if (!may_go(write)) {
      continue;
    }
    waits_for_room_ = !context_.link.has_room();
    if (waits_for_room_ || open_.bytes_in_flight() >= base::forward_window_bytes) {
      break;
    }
    if (stream_.time_of(write.sequence) != write.time) {
      missing.push_back(write.sequence);
    } else if (!send(write, now)) {
      break;
    }
  }
  for (const StreamSeq sequence : missing) {
    gone(sequence);
  }
}

/// Takes up what has been written since.
void TwoWay::scan(Instant now) {
  while (!unseen_.empty() && open_.size() < open_writes_max) {
    const StreamSeq sequence = unseen_.back();
    unseen_.pop_back();
    if (!still_last(sequence).empty()) {
      add_open(*stream_.get(sequence));
    }
  }
  if (state_.reseed && unseen_.empty()) {
    state_.compare = state_.reseed = false;
    save_due_ = true;
  }
  const StreamSeq last = stream_.durable_last();
  while (open_.size() < open_writes_max && state_.scanned < last) {
    const stream::Lookup message = stream_.next_for({}, state_.scanned.next());
    if (message.unreadable) {
      hold_back("a stored message cannot be read", now);
      return;
    }
    const StreamSeq sequence = message ? message->sequence : last.next();
    if (sequence > last) {
      state_.scanned = last;
      break;
    }
    const bool open = is_open(*message);
    state_.scanned = sequence;
    if (!state_.ahead.empty() && state_.ahead.front() <= sequence) {
      state_.ahead.erase(state_.ahead.begin());
    }
    if (!open) {
      continue;
    }
    if (counts(sequence)) {
      add_open(*stream_.get(sequence));
    }
  }
}

void TwoWay::add_open(const stream::StoredMessage& message) {
  OpenWrite write{
      .sequence = message.sequence, .time = message.time, .subject = std::string(message.subject)};
  write.expected = known_at_hub(write.subject);
  open_.add(std::move(write));
}

bool TwoWay::may_go(const OpenWrite& write) const {
  return !write.in_flight && !write.behind && !write.refused &&
         write.not_before <= state_.position && !in_conflict(write.subject);
}

/// False when nothing more can be sent now.
bool TwoWay::send(OpenWrite& write, Instant now) {
  const stream::Lookup message = stream_.get(write.sequence);
  if (!message) {
    hold_back("a stored message cannot be read", now);
    return false;
  }
  const std::string target = forward_target(message->subject, domain_);
  const std::string id = id_prefix_ + forward_id_rest(id_kind, message->sequence, message->time,
                                                      forward_sum(*message));
  const std::string header = header_to_hub(message->header, id, write.expected);
  const std::string reply = ack_prefix_ + std::to_string(write.sequence.value);
  switch (context_.link.send_to_hub(target, {target, reply, header, message->payload})) {
    case HubSend::sent:
      open_.sent(write, header.size() + message->payload.size(), now);
      return true;
    case HubSend::denied:
      hold_back("Permissions Violation for Publish to \"" + target + "\"", now);
      return false;
    case HubSend::no_interest:
      hold_back("no stream at the hub takes " + target, now);
      return false;
    case HubSend::offline:
      return false;
  }
  return false;
}

/// Something is in the way that may pass.
void TwoWay::hold_back(std::string why, Instant now) {
  error_ = std::move(why);
  send_at_ = now + retry_pause(++send_failures_);
}

/// It was removed here before it could go up. What the hub has of its subject may have been kept
/// out for its sake.
void TwoWay::gone(StreamSeq sequence) {
  const OpenWrite* write = open_.find(sequence);
  if (write == nullptr) {
    return;
  }
  const std::string subject = write->subject;
  open_.remove(sequence, {});
  const stream::Lookup newest = stream_.last_for(subject);
  if (!newest || !is_open(*newest)) {
    look_later(subject);
  }
  save_due_ = pump_due_ = true;  // The next one of the subject may go.
}

// --- What the hub answers --------------------------------------------------------------------

void TwoWay::on_inbox(InboxId inbox, std::string_view target, const base::Message& message,
                      Instant now) {
  if (question_ && inbox == answer_inbox_) {
    answered(message, now);
    return;
  }
  if (!target.starts_with(ack_prefix_)) {
    return;
  }
  const std::string_view digits = target.substr(ack_prefix_.size());
  StreamSeq sequence;
  std::from_chars(digits.data(), digits.data() + digits.size(), sequence.value);
  OpenWrite* write = open_.find(sequence);
  if (write == nullptr || !write->in_flight) {
    return;
  }
  pump_due_ = true;
  acked(message, *write, now);
}

void TwoWay::acked(const base::Message& message, OpenWrite& write, Instant now) {
  const PubAck ack = read_pub_ack(message.payload);
  const bool nobody = forward_is_no_responders(message.header);
  if (!nobody && !ack.error && (!ack.readable || ack.sequence.none())) {
    return;
  }
  open_.back(write);
  if (nobody) {
    hold_back("no responders at the hub", now);
  } else if (!ack.error) {
    send_failures_ = 0;
    error_.clear();
    // Whether what was stored of it long ago is still the last is not known.
    const StreamSeq sequence = write.sequence;
    const std::string subject = write.subject;
    settle(sequence, ack.sequence);
    if (ack.duplicate) {
      look_later(subject);
    }
  } else if (ack.error.err_code == wrong_last_sequence ||
             ack.error.err_code == wrong_last_sequence_constant) {
    not_last(write, ack.error, now);
  } else if (forward_refusal(ack.error) == ForwardRefusal::final) {
    refuse(write, ack.error, now);
  } else {
    hold_back(ack.error.description, now);
  }
}

/// The hub has another last message of the subject.
void TwoWay::not_last(OpenWrite& write, const stream::ApiError& why, Instant now) {
  const std::optional<StreamSeq> last = actual_last_sequence(why.description);
  if (!last || *last == write.sent_on) {
    look_later(write.subject);
    hold_back(why.description, now);
  } else if (*last <= state_.position) {
    write.expected = *last;  // Read long ago: it was only forgotten, or its successors are gone.
  } else {
    write.not_before = *last;
    write.since = now;
  }
}

void TwoWay::settle(StreamSeq sequence, StreamSeq hub) {
  const OpenWrite* write = open_.find(sequence);
  const std::string subject = write->subject;
  const bool overtaken = write->held > hub;
  open_.remove(sequence, hub);
  note_at_hub(subject, hub);
  if (overtaken && open_.first_of(subject) == nullptr) {
    look_later(subject);
  }
  save_soon(now_);
}

/// The hub will never take it: it becomes a dead letter, and the hub's value is what counts here.
/// Not before the letter is safe.
void TwoWay::refuse(OpenWrite& write, const stream::ApiError& why, Instant now) {
  const stream::Lookup message = stream_.get(write.sequence);
  if (!message) {
    return hold_back("a stored message cannot be read", now);
  }
  const std::string id = id_prefix_ + forward_id_rest(id_kind, message->sequence, message->time,
                                                      forward_sum(*message));
  const stream::IngestResult kept =
      context_.dead_letters.put({stream_, *message, id, id, why}, now);
  if (kept.error && kept.error.code >= 500) {
    return hold_back("cannot keep a refused message: " + kept.error.description, now);
  }
  write.refused = true;
  context_.gate.hold(kept.error ? Ticket{0} : kept.ticket,
                     [this, sequence = write.sequence, why, letter = kept.sequence,
                      watch = std::weak_ptr<bool>(alive_)](bool durable) {
                       if (watch.expired()) {
                         return;
                       }
                       pump_due_ = true;
                       if (OpenWrite* refused = open_.find(sequence); refused != nullptr) {
                         refused->refused = false;
                         if (durable) {
                           pass_over(sequence, why, letter);
                         }
                       }
                     });
}

void TwoWay::pass_over(StreamSeq sequence, const stream::ApiError& why, StreamSeq letter) {
  ++state_.refused;
  state_.last_error = why.description;
  const std::string about = open_.find(sequence)->subject;
  const std::string subject = "$FROND.ADVISORY.SYNC.REFUSED." + stream_.config().name;
  const std::string body =
      forward_refused_json(stream_.config().name, sequence, about, why, letter);
  look_later(about);
  open_.remove(sequence, {});
  context_.outlet.send(subject, {subject, {}, {}, body});
}

// --- What the hub does not answer ------------------------------------------------------------

Instant TwoWay::oldest_wait() const {
  Instant oldest = kNever;
  for (const OpenWrite& write : open_.all()) {
    if (write.in_flight) {
      oldest = std::min(oldest, write.since + base::forward_ack_timeout);
    } else if (level_ && write.not_before > state_.position) {
      oldest = std::min(oldest, write.since + overdue);
    }
  }
  return oldest;
}

/// An ack that does not come costs nothing but to send again: the condition sees to it that the hub
/// stores it once.
void TwoWay::wait_again(Instant now) {
  if (oldest_wait() > now) {
    return;
  }
  for (OpenWrite& write : open_.all()) {
    if (write.in_flight && write.since + base::forward_ack_timeout <= now) {
      open_.back(write);
      context_.link.probe(now);
    } else if (!write.in_flight && write.not_before > state_.position &&
               write.since + overdue <= now) {
      write.since = now;
      look_later(write.subject);
    }
  }
  pump_due_ = true;
}

}  // namespace frond::sync
