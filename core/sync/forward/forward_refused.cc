// What the hub will never have: it goes among the dead letters, and the rest flows.

#include "base/limits.h"
#include "sync/forward/forward.h"
#include "sync/forward/forward_message.h"

#include <utility>

namespace frond::sync {

namespace {
/// In the place of an epoch: a letter is of its message, however often that was sent.
constexpr std::string_view letter_epoch = "letter";
}  // namespace

/// The floor does not pass it before it is safe among the dead letters. A process that dies before
/// that offers it once more, is refused once more, and finds the letter if there is one.
void Forward::refuse(StreamSeq sequence, const stream::ApiError& why, Instant now) {
  last_now_ = now;
  const stream::Lookup message = stream_.get(sequence);
  if (message.unreadable) {
    return cannot_keep(sequence, "a stored message cannot be read", now);
  }
  if (!message) {
    // Removed here meanwhile.
    if (inherited_.covers(sequence)) {
      inherited_.strike(sequence);
    } else {
      flights_.settle(sequence, std::nullopt);
    }
    return advance();
  }
  const std::uint32_t sum = forward_sum(*message);
  const std::string id = id_prefix_ + forward_id_rest(letter_epoch, sequence, message->time, sum);
  std::string sent_as = flights_.id_of(sequence);
  if (sent_as.empty()) {
    sent_as = forward_id_rest(ledger_.epoch_of(sequence), sequence, message->time, sum);
  }
  const std::size_t bytes = message->header.size() + message->payload.size();
  const stream::IngestResult kept =
      context_.dead_letters.put({stream_, *message, id, id_prefix_ + sent_as, why}, now);
  if (kept.error && kept.error.code >= 500) {
    return cannot_keep(sequence, "cannot keep a refused message: " + kept.error.description, now);
  }
  if (!inherited_.covers(sequence)) {
    flights_.leave_out(sequence);
  }
  letter_bytes_ += bytes;
  context_.gate.hold(kept.error ? Ticket{0} : kept.ticket,
                     [this, sequence, why, bytes, letter = kept.sequence,
                      watch = std::weak_ptr<bool>(alive_)](bool durable) {
                       if (watch.expired()) {
                         return;
                       }
                       letter_bytes_ -= bytes;
                       pump_due_ = true;
                       if (durable) {
                         pass_over(sequence, why, letter);
                       } else if (flights_.left_out(sequence)) {
                         flights_.send_again(sequence);
                         pause("the node's storage failed", last_now_ + base::sync_retry_first);
                       }
                     });
}

void Forward::cannot_keep(StreamSeq sequence, std::string why, Instant now) {
  if (!inherited_.covers(sequence)) {
    flights_.send_again(sequence);
  }
  drain(std::move(why), now);
}

/// Without a letter when even those do not take it: then it is in the local stream alone.
void Forward::pass_over(StreamSeq sequence, const stream::ApiError& why, StreamSeq letter) {
  if (inherited_.covers(sequence) ? inherited_.struck(sequence) : !flights_.left_out(sequence)) {
    return;  // Found at the hub meanwhile.
  }
  ledger_.refused(why.description);
  if (inherited_.covers(sequence)) {
    inherited_.strike(sequence);
  } else {
    flights_.settle(sequence, std::nullopt);
  }
  const stream::Lookup message = stream_.get(sequence);
  const std::string subject = "$FROND.ADVISORY.SYNC.REFUSED." + stream_.config().name;
  const std::string body =
      forward_refused_json(stream_.config().name, sequence,
                           message ? message->subject : std::string_view{}, why, letter);
  context_.outlet.send(subject, {subject, {}, {}, body});
  advance();
  ledger_.save_soon(last_now_);
}

/// What may be at the hub, and may not be looked for there, is not sent again: it goes where
/// somebody can decide. As many at a time as may wait for the disk.
void Forward::give_up_doubt(const std::string& why, Instant now) {
  const stream::ApiError error{
      403, 0, "sent, and there is no right to find out whether the hub has stored it"};
  suspects_.clear();
  for (const StreamSeq sequence : flights_.unknown()) {
    refuse(sequence, error, now);
  }
  std::uint64_t left = base::forward_window_messages;
  for (auto next = inherited_.next_certain({});
       next && left > 0 && letter_bytes_ < base::forward_window_bytes;
       next = inherited_.next_certain(next->next()), --left) {
    refuse(*next, error, now);
  }
  pause(why, now + base::sync_retry_first);
}

}  // namespace frond::sync
