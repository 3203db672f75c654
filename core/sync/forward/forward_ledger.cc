#include "sync/forward/forward_ledger.h"

#include "base/limits.h"
#include "base/nuid.h"

#include <algorithm>
#include <utility>

namespace frond::sync {

namespace {
constexpr std::string_view plain_start = "{";  // The first builds of 0.1.0 wrote the JSON alone.
}  // namespace

ForwardLedger::ForwardLedger(SyncContext& context, const stream::Stream& stream,
                             const std::string& directory, WayStart start)
    : context_(context),
      file_(context.journal, context.files, directory + "/forward.state", plain_start) {
  inherited_.last = stream.durable_last();
  read(stream, start);
  // What stood above was never acknowledged, or has been lost since: these sequences will be given
  // to other messages.
  state_.acked = std::min(state_.acked, inherited_.last);
  state_.claimed = std::clamp(state_.claimed, state_.acked, inherited_.last);
  inherited_.claimed = state_.claimed;
  state_.epochs.begin(inherited_.last.next(), fresh_epoch());
  state_.epochs.forget_up_to(state_.acked);
  // Durable with the first message of the epoch at the latest.
  save();
}

void ForwardLedger::read(const stream::Stream& stream, WayStart start) {
  const std::int64_t created = stream.created().time_since_epoch().count();
  using enum store::StateFile::Condition;
  const store::StateFile::Copy copy = file_.load();
  std::optional<ForwardState> found = forward_state_parse(copy.text);
  const bool other =
      found && (found->stream_created != created ||
                (!found->stream_identity.empty() && found->stream_identity != stream.identity()));
  if (found && !other) {
    state_ = std::move(*found);
    if (copy.condition == stale) {
      state_.claimed = inherited_.last;  // The copy after it may have claimed more.
    }
    if (state_.epochs.empty()) {
      state_.epochs.begin({1}, {});  // The ids of 0.1.0, which wrote this file.
    }
  } else {
    state_.stream_created = created;
    state_.epochs.begin({1}, fresh_epoch());
    // A new stream has its file from its first commit on.
    const bool lost = copy.condition == absent ? start == WayStart::opened : !other;
    if (lost && !inherited_.last.none()) {
      inherited_.blind = true;
      state_.claimed = inherited_.last;
    }
  }
  state_.stream_identity = stream.identity();
  if (state_.node.empty()) {
    state_.node = context_.node_name;
  }
}

std::string ForwardLedger::fresh_epoch() {
  return base::random_name(context_.entropy, base::forward_epoch_characters);
}

void ForwardLedger::renew_epoch(StreamSeq sequence) {
  state_.epochs.renew(sequence, fresh_epoch());
  claimed_durable_ = {};  // Nothing of it is sent before it is durable.
}

void ForwardLedger::settled(StreamSeq sequence, const std::optional<HubPlace>& place) {
  state_.acked = sequence;
  state_.epochs.forget_up_to(sequence);
  // A place that is not remembered costs reading; a hub that names ever new streams must not fill
  // the file.
  if (place && (state_.hub_streams.size() < base::sync_streams_max ||
                state_.hub_streams.contains(place->stream))) {
    // The place itself and not the highest so far: a lower one means that the hub's stream was made
    // again (its `created` will tell) or that it stored messages out of order. Too low costs
    // reading, too high a message in doubt that is overlooked.
    HubPosition& position = state_.hub_streams[place->stream];
    position.sequence = place->sequence;
    position.id = place->id;
    position.time = 0;
  }
}

void ForwardLedger::acknowledged(const HubPlace& place) {
  state_.hub_stream = place.stream;
  state_.hub_sequence = place.sequence;
}

void ForwardLedger::refused(std::string why) {
  ++state_.refused;
  state_.last_error = std::move(why);
}

void ForwardLedger::set_positions(std::map<std::string, HubPosition> positions) {
  state_.hub_streams = std::move(positions);
}

bool ForwardLedger::knows_a_position() const {
  return std::ranges::any_of(state_.hub_streams,
                             [](const auto& entry) { return !entry.second.sequence.none(); });
}

void ForwardLedger::claim(StreamSeq sequence, std::function<void(bool durable)> done) {
  claiming_ = true;
  state_.claimed =
      std::max(state_.claimed, StreamSeq{sequence.value + base::forward_claim_messages});
  save();
  context_.gate.hold(context_.journal.open_ticket(),
                     [this, claimed = state_.claimed, done = std::move(done),
                      watch = std::weak_ptr<bool>(alive_)](bool durable) {
                       if (watch.expired()) {
                         return;
                       }
                       claiming_ = false;
                       // A claim that was shrunk meanwhile counts no more.
                       if (durable && state_.claimed == claimed) {
                         claimed_durable_ = claimed;
                       }
                       done(durable);
                     });
}

void ForwardLedger::shrink_claim(StreamSeq last_sent) {
  state_.claimed = std::max(state_.acked, last_sent);
  claimed_durable_ = std::min(claimed_durable_, state_.claimed);
}

void ForwardLedger::save() {
  save_at_ = kNever;
  file_.save(forward_state_json(state_));
  context_.gate.hold(context_.journal.open_ticket(),
                     [this, watch = std::weak_ptr<bool>(alive_)](bool durable) {
                       if (!durable && !watch.expired()) {
                         save_soon(now_);
                       }
                     });
}

void ForwardLedger::save_soon(Instant now) {
  save_at_ = std::min(save_at_, now + base::forward_save_interval);
}

void ForwardLedger::tick(Instant now) {
  now_ = now;
  if (save_at_ <= now) {
    save();
  }
}

void ForwardLedger::forget() { file_.remove(); }

}  // namespace frond::sync
