// What may have reached the hub without our knowing: messages without an ack, those of an earlier
// life, and those of which the hub says what cannot be. The hub's stream tells.

#include "base/limits.h"
#include "sync/api_json.h"
#include "sync/forward/forward.h"
#include "sync/retry_pause.h"
#include "wire/headers.h"

#include <algorithm>
#include <utility>

namespace frond::sync {

/// What was sent only once, under an id that no other copy of this store can have made, cannot be
/// there already.
bool Forward::believes_duplicate(StreamSeq sequence) const {
  if (!flights_.sent_once(sequence)) {
    return true;
  }
  return sequence <= ledger_.inherited().last && !ledger_.epoch_of(sequence).empty();
}

void Forward::suspect(StreamSeq sequence, HubPlace place, Instant now) {
  suspects_[sequence] = {.place = std::move(place)};
  error_ = "the hub calls a new message a duplicate";
  if (mode_ == Mode::sending || mode_ == Mode::draining) {
    ++failures_;
    settle(now);
  }
}

void Forward::settle(Instant now) {
  mode_ = Mode::settling;
  resume_at_ = kNever;
  settle_began_ = now;
  context_.link.probe(now);
  DoubtSettler::Plan plan{.api = api_prefix(domain_),
                          .subjects = stream_.config().subjects,
                          .positions = ledger_.state().hub_streams,
                          .since = std::nullopt,
                          .id_prefix = id_prefix_};
  if (!inherited_.certain()) {
    if (const auto oldest = inherited_.oldest()) {
      plan.since = *oldest - base::forward_clock_error_max;
    }
  }
  for (auto& [sequence, suspect] : suspects_) {
    suspect.asked = true;
    HubPosition& position = plan.positions[suspect.place.stream];
    if (position.sequence >= suspect.place.sequence) {
      position = {.created = position.created,
                  .sequence = suspect.place.sequence.previous(),
                  .id = {},
                  .time = 0};
    }
  }
  settler_.start(std::move(plan), now);
}

void Forward::on_found(HubPlace place, const RemoteMessage& message) {
  const std::optional<ForwardId> id = forward_id_parse(place.id);
  if (!id) {
    return;
  }
  if (!is_ours(*id, message)) {
    if (const auto suspect = suspects_.find(id->sequence); suspect != suspects_.end()) {
      suspect->second.another = true;
    }
    return;
  }
  if (inherited_.covers(id->sequence)) {
    ledger_.acknowledged(place);
    places_.learn(id->sequence, place.sequence);
    inherited_.found(id->sequence, std::move(place));
    advance();
  } else if (flights_.known(id->sequence) && !flights_.settled(id->sequence)) {
    stored(id->sequence, place);
  }
}

/// The store may have lost messages since and given their sequences to others: the time tells, the
/// sum where the clock was set back in between, and for what was stored in this life the epoch as
/// well. An id of 0.1.0 has none of these: then the headers must be the same.
bool Forward::is_ours(const ForwardId& id, const RemoteMessage& message) {
  const std::optional<WallTime> stored = stream_.time_of(id.sequence);
  const bool of_this_life = id.sequence > ledger_.inherited().last;
  if (!stored || (of_this_life && id.epoch != ledger_.epoch_of(id.sequence))) {
    return false;
  }
  if (id.time && *id.time != *stored) {
    return false;
  }
  const stream::Lookup own = stream_.get(id.sequence);
  if (id.time) {
    // What cannot be read now is known by its time.
    return !own || !id.sum || *id.sum == forward_sum(*own);
  }
  if (!own) {
    return false;
  }
  std::string header(message.message.header);
  const std::string size(wire::header_value(header, "Nats-Msg-Size").value_or(""));
  wire::header_remove(header, "Nats-Msg-Size");
  return size == std::to_string(own->payload.size()) &&
         header == forward_header(own->header,
                                  id_prefix_ + forward_id_rest({}, id.sequence, own->time, 0));
}

void Forward::on_settled(std::map<std::string, HubPosition> read, const Survey& found,
                         Instant now) {
  settle_failures_ = 0;
  learn(found);
  ledger_.set_positions(std::move(read));
  if (std::ranges::any_of(suspects_, [](const auto& entry) { return !entry.second.asked; })) {
    settle(now);  // Some have come since.
    return;
  }
  clear_suspects();
  close_inherited();
  send_unknown_again(now);
  strike_superseded();
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
  // outlast the window that began with the first. And only of the hub that got the first: one that
  // was started since, with another time of day, may have forgotten its window.
  if (settle_failures_ >= base::forward_settle_tries &&
      context_.link.last_heard() > settle_began_ && !inherited_.certain() &&
      flights_.all_first_sent_after(
          std::max(now - blind_resend_max_, same_hub_since_ - Duration(1)))) {
    error_ = why;
    clear_suspects();
    close_inherited();
    send_unknown_again(now, true);
    send_on(now);
    return;
  }
  if (settle_failures_ >= base::forward_settle_tries && settler_.denied() &&
      context_.link.last_heard() > settle_began_) {
    return give_up_doubt(why, now);
  }
  pause(why, now + retry_pause(settle_failures_));
}

/// What was stored in this life and is not shown by the hub's stream was never stored there: the id
/// belongs to another message. An id of 0.1.0 may have been used by an earlier life for this very
/// message, which the hub has removed since: then only another message under it is a proof.
void Forward::clear_suspects() {
  for (const auto& [sequence, suspect] : std::exchange(suspects_, {})) {
    if (!flights_.waits(sequence)) {
      continue;
    }
    if (suspect.another || !ledger_.epoch_of(sequence).empty()) {
      ledger_.renew_epoch(sequence);
      flights_.send_anew(sequence);
    } else {
      stored(sequence, suspect.place);
    }
  }
}

void Forward::close_inherited() {
  if (!inherited_.open()) {
    return;
  }
  inherited_.strike_superseded(kept_per_subject_);
  InheritedDoubt::Rest rest = inherited_.close();
  if (rest.from > reached_) {
    ledger_.settled(rest.from.previous(), std::nullopt);
    next_ = reached_ = rest.from;
  }
  for (auto& [sequence, place] : rest.found) {
    flights_.settle(sequence, std::move(place));
  }
  advance();
}

void Forward::learn(const Survey& found) {
  surveyed_ = true;
  kept_per_subject_ = 0;
  for (const SurveyedStream& at_hub : found.streams) {
    if (at_hub.answered) {
      // Three quarters of the shortest window leave time for the way.
      blind_resend_max_ = std::min(blind_resend_max_, at_hub.duplicate_window / 4 * 3);
      kept_per_subject_ = found.streams.size() == 1 ? at_hub.messages_per_subject : 0;
    }
  }
}

/// As many later messages of ours on the same subject stand at the hub as it keeps: there is no
/// place for this one before them, and behind them it would be a wrong last value.
void Forward::strike_superseded() {
  if (!surveyed_ || kept_per_subject_ == 0 || !flights_.first_again({}) ||
      flights_.settled_ahead() == 0) {
    return;
  }
  std::map<std::string, std::uint64_t, std::less<>> behind;
  for (const StreamSeq sequence : flights_.from_last()) {
    const auto message = stream_.get(sequence);
    if (!message) {
      continue;
    }
    std::uint64_t& later = behind[std::string(message->subject)];
    if (flights_.stored(sequence)) {
      ++later;
    } else if (flights_.must_go_again(sequence) && later >= kept_per_subject_) {
      flights_.settle(sequence, std::nullopt);
    }
  }
  advance();
}

void Forward::send_unknown_again(Instant now, bool blind) {
  flights_.send_unknown_again(blind);
  ledger_.save_soon(now);
}

}  // namespace frond::sync
