#include "sync/forward_ledger.h"

#include "base/limits.h"

#include <algorithm>
#include <utility>

namespace frond::sync {

ForwardLedger::ForwardLedger(SyncContext& context, const stream::Stream& stream,
                             const std::string& directory)
    : context_(context), path_(directory + "/forward.state") {
  const std::int64_t created = stream.created().time_since_epoch().count();
  if (const auto text = context.files.read(path_, 0, base::metadata_bytes_max)) {
    state_ = forward_state_parse(*text).value_or(ForwardState{});
  }
  if (state_.stream_created != created) {
    state_ = {};
    state_.stream_created = created;
  }
}

void ForwardLedger::settled(StreamSeq sequence, const std::optional<HubPlace>& place) {
  state_.acked = sequence;
  if (place) {
    // The place itself and not the highest so far: a lower one means that the hub's stream was made
    // again (its `created` will tell) or that it stored messages out of order. Too low costs
    // reading, too high a message in doubt that is overlooked.
    state_.hub_streams[place->stream].sequence = place->sequence;
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

void ForwardLedger::claim(StreamSeq sequence, std::function<void(bool durable)> done) {
  claiming_ = true;
  state_.claimed = {sequence.value + base::forward_claim_messages};
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
  claimed_durable_ = state_.claimed;
}

void ForwardLedger::save() {
  save_at_ = kNever;
  context_.journal.write(path_, forward_state_json(state_));
}

void ForwardLedger::save_soon(Instant now) {
  save_at_ = std::min(save_at_, now + base::forward_save_interval);
}

void ForwardLedger::save_again() { save_at_ = Instant{}; }

void ForwardLedger::tick(Instant now) {
  if (save_at_ <= now) {
    save();
  }
}

void ForwardLedger::forget() { context_.journal.remove(path_); }

}  // namespace frond::sync
