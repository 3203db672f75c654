// Reading the stream and sending what the window allows: each message claimed before it is sent.

#include "base/limits.h"
#include "sync/api_json.h"
#include "sync/forward/forward.h"
#include "sync/forward/forward_message.h"

#include <algorithm>
#include <utility>

namespace frond::sync {

/// Those that are acked ahead of one that is not are remembered, too: also they have a bound. And
/// so have refused ones that wait for the disk.
bool Forward::has_place_for(StreamSeq sequence) const {
  if (letter_bytes_ > 0 && (letter_bytes_ >= base::forward_window_bytes ||
                            flights_.size() >= base::forward_window_messages)) {
    return false;
  }
  return flights_.known(sequence) || flights_.waiting() == 0 ||
         flights_.size() < base::forward_window_messages;
}

void Forward::pump(Instant now) {
  pump_due_ = false;
  waits_for_room_ = false;
  while (mode_ == Mode::sending) {
    if (window_full()) {
      if (next_ <= stream_.durable_last()) {
        window_.limits();
      }
      return;
    }
    const stream::Lookup message = stream_.next_for({}, next_);
    if (message.unreadable) {
      // Passed over it would count as gone, and never go up.
      return drain("a stored message cannot be read", now);
    }
    if (!message || message->sequence > stream_.durable_last()) {
      forget_gone(stream_.durable_last().next());
      return;
    }
    const StreamSeq sequence = message->sequence;
    forget_gone(sequence);
    if (flights_.known(sequence) && !flights_.must_go_again(sequence)) {
      pass(sequence);
      continue;
    }
    if (needs_survey()) {
      start_survey(now);
      return;
    }
    if (!has_place_for(sequence)) {
      return;
    }
    if (!ledger_.claimed(sequence)) {
      claim(sequence, now);
      return;
    }
    if (!context_.link.has_room()) {
      waits_for_room_ = true;
      return;
    }
    if (!send(*message, now)) {
      return;
    }
    pass(sequence);
    claim_ahead(next_, now);
  }
}

/// The message is in the flights now.
void Forward::pass(StreamSeq sequence) {
  next_ = sequence.next();
  if (reached_ < next_) {
    reached_ = next_;
    advance();
  }
}

/// False when nothing more can be sent now.
bool Forward::send(const stream::StoredMessage& message, Instant now) {
  const std::string target = forward_target(message.subject, domain_);
  std::string id = forward_id_rest(ledger_.epoch_of(message.sequence), message.sequence,
                                   message.time, forward_sum(message));
  const std::string header = forward_header(message.header, id_prefix_ + id);
  const std::string reply = ack_prefix_ + std::to_string(message.sequence.value);
  switch (context_.link.send_to_hub(target, {target, reply, header, message.payload})) {
    case HubSend::sent:
      flights_.sent(message.sequence, std::move(id), header.size() + message.payload.size(), now);
      return true;
    case HubSend::denied:
      refuse(message.sequence, {403, 0, "Permissions Violation for Publish to \"" + target + "\""},
             now);
      return true;
    case HubSend::no_interest:
      drain("no stream at the hub takes " + target, now);
      return false;
    case HubSend::offline:
      return false;
  }
  return false;
}

/// Half a chunk ahead, so that sending does not wait for the commit.
void Forward::claim_ahead(StreamSeq sequence, Instant now) {
  const StreamSeq soon{sequence.value + base::forward_claim_messages / 2};
  if (!ledger_.claimed(soon) && stream_.durable_last() >= soon) {
    claim(sequence, now);
  }
}

void Forward::claim(StreamSeq sequence, Instant now) {
  if (ledger_.claiming()) {
    return;
  }
  last_now_ = now;
  ledger_.claim(sequence, [this](bool durable) {
    if (durable) {
      pump_due_ = true;
    } else {
      pause("the node's storage failed", last_now_ + base::sync_retry_first);
    }
  });
}

/// Before the first message: nothing of ours can stand at or below what is there now. And before
/// one goes again behind others: the hub's stream may have no place for it any more.
bool Forward::needs_survey() const {
  return !surveyed_ && (!ledger_.knows_a_position() || flights_.first_again({}));
}

void Forward::start_survey(Instant now) {
  mode_ = Mode::surveying;
  survey_.start(
      api_prefix(domain_), stream_.config().subjects, {},
      [this](const Survey& found, Instant when) {
        surveyed_ = true;
        learn(found);
        if (!ledger_.knows_a_position()) {
          std::map<std::string, HubPosition> positions;
          for (const SurveyedStream& at_hub : found.streams) {
            if (at_hub.answered) {
              positions[at_hub.name] = {
                  .created = at_hub.created, .sequence = at_hub.last, .id = {}, .time = 0};
            }
          }
          ledger_.set_positions(std::move(positions));
        }
        strike_superseded();
        mode_ = Mode::sending;
        pump(when);
      },
      now);
}

/// Messages that were to be sent again and have been deleted here since are settled.
void Forward::forget_gone(StreamSeq before) {
  bool changed = false;
  for (auto gone = flights_.first_again(next_); gone && *gone < before;
       gone = flights_.first_again(*gone)) {
    flights_.settle(*gone, std::nullopt);
    changed = true;
  }
  if (changed) {
    advance();
  }
}

}  // namespace frond::sync
