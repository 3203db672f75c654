#include "sync/forward/forward.h"

#include "base/limits.h"
#include "base/nuid.h"
#include "stream/sync_check.h"
#include "sync/api_json.h"
#include "sync/forward/forward_message.h"
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

std::optional<std::string> settings_of(const stream::StreamConfig& config) {
  const auto domain = config.metadata.find(std::string(stream::forward_metadata));
  if (domain == config.metadata.end()) {
    return std::nullopt;
  }
  const auto window = config.metadata.find(std::string(stream::forward_window_metadata));
  return domain->second + " " + (window == config.metadata.end() ? "" : window->second);
}

std::unique_ptr<Way> make_forward(SyncContext& context, stream::Stream& stream,
                                  const std::string& directory, WayStart start) {
  return std::make_unique<Forward>(context, stream, directory, start);
}

}  // namespace

constexpr WayKind forward_way{"forward", Crossing::by_sync, settings_of, make_forward};

Forward::Forward(SyncContext& context, stream::Stream& stream, const std::string& directory,
                 WayStart start)
    : context_(context),
      stream_(stream),
      domain_(stream.config().metadata.at(std::string(stream::forward_metadata))),
      window_(window_of(stream.config())),
      ledger_(context, stream, directory, start),
      id_prefix_(forward_id_prefix(ledger_.state().node, stream.config().name, stream.created())),
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
  if (hub_id_.empty() || hub_id_ != context_.link.hub_id()) {
    hub_id_ = context_.link.hub_id();
    same_hub_since_ = now;
  }
  failures_ = settle_failures_ = 0;
  surveyed_ = false;
  window_.begin(now);
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
  // By the time that there is a link again the hub may have forgotten their ids.
  flights_.doubt_blind();
  if (!inherited_.open()) {
    ledger_.shrink_claim(flights_.last());
  }
  ledger_.save();
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
  strike_superseded();
  if (in_doubt()) {
    settle(now);
  } else {
    send_on(now);
  }
}

void Forward::send_on(Instant now) {
  next_ = std::min(next_, flights_.first_again({}).value_or(next_));
  window_.hold_back(now);
  mode_ = Mode::sending;
  pump(now);
}

// --- Time ------------------------------------------------------------------------------------

Instant Forward::ack_deadline() const {
  const auto oldest = flights_.oldest();
  if ((mode_ != Mode::sending && mode_ != Mode::draining) || !oldest) {
    return kNever;
  }
  // While acks come in their order, however slowly, the hub owes nothing.
  return std::max(oldest->sent, progressed_at_) + base::forward_ack_timeout;
}

void Forward::tick(Instant now) {
  survey_.tick(now);
  settler_.tick(now);
  if (ack_deadline() <= now) {
    ++failures_;
    window_.refused();
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
  const bool waits_for_claim = ledger_.claiming() && !ledger_.claimed(next_);
  if (pump_due_ && mode_ == Mode::sending && !window_full() && !waits_for_claim) {
    return Instant{};
  }
  return std::min({survey_.next_deadline(), settler_.next_deadline(), ack_deadline(),
                   mode_ == Mode::pausing ? resume_at_ : kNever, ledger_.next_deadline()});
}

SyncStatus Forward::status() const {
  const ForwardState& state = ledger_.state();
  const std::uint64_t behind_floor = stream_.count_from({}, state.acked.next());
  SyncStatus status;
  status.queued =
      behind_floor - std::min(behind_floor, flights_.settled_ahead() + inherited_.found_count());
  const bool doubt = mode_ == Mode::down || mode_ == Mode::settling ||
                     (mode_ == Mode::pausing && settle_failures_ > 0);
  (doubt ? status.in_doubt : status.in_flight) = flights_.waiting();
  status.in_doubt += flights_.unsure() + inherited_.certain_count();
  status.refused = state.refused;
  status.hub_stream = state.hub_stream;
  status.hub_sequence = state.hub_sequence;
  if (context_.link.last_heard() != Instant{}) {
    status.last_contact = context_.link.last_heard();
  }
  status.last_error = error_.empty() ? state.last_error : error_;
  return status;
}

MessageState Forward::message(StreamSeq sequence) const {
  const StreamSeq at_hub = places_.of(sequence);
  if (!at_hub.none()) {
    return {.state = "stored", .hub_sequence = at_hub, .why = {}};
  }
  if (auto why = context_.dead_letters.why(stream_.config().name, sequence)) {
    return {.state = "refused", .hub_sequence = {}, .why = *std::move(why)};
  }
  if (!stream_.time_of(sequence)) {
    return {};
  }
  std::string_view state = "queued";
  if (flights_.stored(sequence)) {
    state = "stored";
  } else if (sequence <= ledger_.state().acked || flights_.settled(sequence)) {
    // Long ago, or in an earlier life of the node: it may have been refused, and its letter be
    // gone.
    state = ledger_.state().refused == 0 ? "stored" : "";
  } else if (flights_.waits(sequence) && (mode_ == Mode::sending || mode_ == Mode::draining)) {
    state = "sent";
  } else if (flights_.waits(sequence) || flights_.unsure(sequence) ||
             (inherited_.covers(sequence) && inherited_.next_certain(sequence) == sequence)) {
    state = "in doubt";
  }
  return {.state = state, .hub_sequence = {}, .why = {}};
}

}  // namespace frond::sync
