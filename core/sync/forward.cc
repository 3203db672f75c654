#include "sync/forward.h"

#include "base/limits.h"
#include "base/nuid.h"
#include "stream/sync_check.h"
#include "sync/api_json.h"
#include "sync/forward_message.h"
#include "sync/retry_pause.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace frond::sync {

namespace {

std::uint64_t window_of(const stream::StreamConfig& config) {
  const auto at = config.metadata.find(std::string(stream::forward_window_metadata));
  std::uint64_t window = base::forward_window_messages;
  if (at != config.metadata.end()) {
    std::from_chars(at->second.data(), at->second.data() + at->second.size(), window);
  }
  return std::clamp<std::uint64_t>(window, 1, base::forward_window_messages);
}

}  // namespace

Forward::Forward(SyncContext& context, stream::Stream& stream, const std::string& directory,
                 ForwardStart start)
    : context_(context),
      stream_(stream),
      domain_(stream.config().metadata.at(std::string(stream::forward_metadata))),
      window_(window_of(stream.config())),
      id_prefix_(forward_id_prefix(context.node_name, stream.config().name, stream.created())),
      ledger_(context, stream, directory, start),
      inherited_(stream, ledger_.state().acked, ledger_.inherited()),
      survey_(context),
      blind_resend_max_(base::forward_blind_resend_max),
      settler_(context, *this),
      next_(ledger_.state().acked.next()),
      reached_(next_) {
  stream_.add_listener(this);
}

Forward::~Forward() {
  if (mode_ != Mode::down) {
    context_.link.close(inbox_);
  }
  stream_.remove_listener(this);
}

// --- The link --------------------------------------------------------------------------------

void Forward::up(Instant now) {
  if (mode_ != Mode::down) {
    return;
  }
  ack_prefix_ = "_INBOX." + base::random_name(context_.entropy) + ".";
  inbox_ = context_.link.open(Peer::hub, ack_prefix_ + "*", *this);
  failures_ = settle_failures_ = 0;
  cautious_ = true;
  mode_ = Mode::sending;
  resume(now);
}

void Forward::down(Instant) {
  if (mode_ == Mode::down) {
    return;
  }
  mode_ = Mode::down;
  resume_at_ = kNever;
  survey_.cancel();
  settler_.cancel();
  context_.link.close(inbox_);
  if (!inherited_.open()) {
    ledger_.shrink_claim(flights_.last());
  }
  ledger_.save();
}

// --- Sending ---------------------------------------------------------------------------------

bool Forward::window_full() const {
  const std::uint64_t waiting = flights_.waiting();
  return waiting > 0 && (waiting >= (cautious_ ? 1 : window_) ||
                         flights_.waiting_bytes() >= base::forward_window_bytes);
}

void Forward::pump(Instant now) {
  pump_due_ = false;
  waits_for_room_ = false;
  while (mode_ == Mode::sending && !window_full()) {
    const auto message = stream_.next_for({}, next_);
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
    if (!ledger_.knows_a_position() && !surveyed_) {
      start_survey(now);
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
  std::string id =
      forward_id_rest(ledger_.epoch_of(message.sequence), message.sequence, message.time);
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
      ++failures_;
      drain("no stream at the hub takes " + target, now);
      return false;
    case HubSend::offline:
      return false;
  }
  return false;
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

/// Before the first message: nothing of ours can stand at or below what is there now.
void Forward::start_survey(Instant now) {
  mode_ = Mode::surveying;
  survey_.start(
      api_prefix(domain_), stream_.config().subjects, {},
      [this](const Survey& found, Instant when) {
        surveyed_ = true;
        learn_duplicate_window(found);
        std::map<std::string, HubPosition> positions;
        for (const SurveyedStream& at_hub : found.streams) {
          if (at_hub.answered) {
            positions[at_hub.name] = {
                .created = at_hub.created, .sequence = at_hub.last, .id = {}, .time = 0};
          }
        }
        ledger_.set_positions(std::move(positions));
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

void Forward::pause(std::string why, Instant until) {
  error_ = std::move(why);
  if (mode_ != Mode::down) {
    mode_ = Mode::pausing;
    resume_at_ = until;
  }
}

void Forward::resume(Instant now) {
  resume_at_ = kNever;
  surveyed_ = surveyed_ && !ledger_.state().hub_streams.empty();
  if (in_doubt()) {
    settle(now);
  } else {
    send_on(now);
  }
}

void Forward::send_on(Instant now) {
  next_ = std::min(next_, flights_.first_again({}).value_or(next_));
  cautious_ = true;
  mode_ = Mode::sending;
  pump(now);
}

// --- Time ------------------------------------------------------------------------------------

Instant Forward::ack_deadline() const {
  if ((mode_ != Mode::sending && mode_ != Mode::draining) || flights_.waiting() == 0) {
    return kNever;
  }
  return flights_.oldest_sent() + base::forward_ack_timeout;
}

void Forward::tick(Instant now) {
  survey_.tick(now);
  settler_.tick(now);
  if (ack_deadline() <= now) {
    ++failures_;
    error_ = "no ack from the hub in time";
    settle(now);
  }
  if (mode_ == Mode::pausing && resume_at_ <= now) {
    resume(now);
  }
  if (pump_due_ || (waits_for_room_ && context_.link.has_room())) {
    pump(now);
  }
  ledger_.tick(now);
}

Instant Forward::next_deadline() const {
  if (pump_due_ && mode_ == Mode::sending && !window_full() && !ledger_.claiming()) {
    return Instant{};
  }
  return std::min({survey_.next_deadline(), settler_.next_deadline(), ack_deadline(),
                   mode_ == Mode::pausing ? resume_at_ : kNever, ledger_.next_deadline()});
}

SyncStatus Forward::status() const {
  const ForwardState& state = ledger_.state();
  const std::uint64_t behind_floor = stream_.count_from({}, state.acked.next());
  SyncStatus status;
  status.way = "forward";
  status.pending =
      behind_floor - std::min(behind_floor, flights_.settled_ahead() + inherited_.found_count());
  const bool doubt = mode_ == Mode::down || mode_ == Mode::settling ||
                     (mode_ == Mode::pausing && settle_failures_ > 0);
  (doubt ? status.in_doubt : status.in_flight) = flights_.waiting();
  status.in_doubt += inherited_.certain_count();
  status.refused = state.refused;
  status.hub_stream = state.hub_stream;
  status.hub_sequence = state.hub_sequence;
  status.last_error = error_.empty() ? state.last_error : error_;
  return status;
}

}  // namespace frond::sync
