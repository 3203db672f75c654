// Where a consumer stands in its stream: where it starts, how many messages still wait for it, what
// becomes of its positions when messages go, and how all that gets to disk and back.

#include "base/limits.h"
#include "base/time_sum.h"
#include "consumer/consumer.h"

#include <algorithm>
#include <utility>

namespace frond::consumer {

void Consumer::select_start(bool state_lost) {
  const stream::StreamState state = stream_.state();
  // Where the stream ended when this consumer was made.
  StreamSeq end = state.last;
  if (const StreamSeq since = state_lost ? stream_.first_at(created_) : StreamSeq{};
      !since.none()) {
    end = since.previous();
  }
  StreamSeq start = end.next();
  switch (config_.deliver_policy) {
    case DeliverPolicy::all:
      start = state.first;
      break;
    case DeliverPolicy::fresh:
      break;
    case DeliverPolicy::by_start_sequence:
      start = {config_.opt_start_seq};
      break;
    case DeliverPolicy::by_start_time: {
      const StreamSeq found = stream_.first_at(*config_.opt_start_time);
      start = found.none() ? state.last.next() : found;
      break;
    }
    case DeliverPolicy::last:
      start = end;
      if (!filters_.all()) {
        const std::vector<StreamSeq> lasts = stream_.last_per_subject(filters_, end);
        start = lasts.empty() ? end.next() : lasts.back();
      }
      break;
    case DeliverPolicy::last_per_subject:
      select_last_per_subject(state, end);
      return;
  }
  if (start > state.last && config_.opt_start_seq == 0) {
    start = state.last.next();
  }
  next_stream_ = std::max({start, state.first, StreamSeq{1}});
  floor_stream_ = delivered_stream_ = next_stream_.previous();
}

/// CC-03: first the last message of each subject as of now, then what comes after now; "now" is
/// when the stream ended at `end`.
void Consumer::select_last_per_subject(const stream::StreamState& state, StreamSeq end) {
  if (stream_.config().max_msgs_per_subject == 1) {
    next_stream_ = std::max(state.first, StreamSeq{1});  // The stream holds nothing but last ones.
  } else {
    const std::vector<StreamSeq> lasts = stream_.last_per_subject(filters_, end);
    skip_list_.assign(lasts.begin(), lasts.end());
    skip_resume_ = end;
    next_stream_ = skip_list_.empty() ? end.next() : skip_list_.front();
  }
  floor_stream_ = delivered_stream_ = next_stream_.previous();
}

void Consumer::restore(ConsumerState state) {
  next_consumer_ = state.delivered_consumer.next();
  next_stream_ = state.delivered_stream.next();
  delivered_stream_ = state.delivered_stream;
  floor_consumer_ = state.floor_consumer;
  floor_stream_ = state.floor_stream;
  pending_ = std::move(state.pending);
  redelivered_ = std::move(state.redelivered);
  if (!pending_.empty()) {
    ack_deadline_ = Instant{};  // The first expire_acks() finds the real one.
    reloaded_ = true;
  }
}

/// The stream may end before what was delivered: after a crash its last messages can be missing, or
/// it is a mirror and has gone back with its origin. Their sequences are given out again
/// (nats-server reconciles the same way).
void Consumer::clamp_to_stream() {
  const StreamSeq last = stream_.state().last;
  if (next_stream_.previous() <= last) {
    return;
  }
  lost_above_ = last;
  lost_before_ = next_consumer_;
  std::erase_if(pending_, [&](const auto& entry) { return entry.first > last; });
  std::erase_if(redelivered_, [&](const auto& entry) { return entry.first > last; });
  redeliver_.remove_above(last);
  std::erase_if(skip_list_, [&](StreamSeq sequence) { return sequence > last; });
  skip_resume_ = std::min(skip_resume_, last);
  next_stream_ = last.next();
  delivered_stream_ = std::min(delivered_stream_, last);
  if (pending_.empty()) {
    floor_stream_ = std::min(floor_stream_, last);
    floor_consumer_ = next_consumer_.previous();
  }
  went_back();
  save_soon();  // With the commit in which the stream goes back.
}

void Consumer::on_reloaded() {
  clamp_to_stream();
  if (skip_list_.empty()) {
    // What had been removed, and was passed over therefore, may be back.
    next_stream_ = std::min(next_stream_, delivered_stream_.next());
  }
  recount();
  reloaded_ = true;
  wake();
}

/// What lies before is delivered, or stands in the list of the first pass.
StreamSeq Consumer::counted_from() const {
  return skip_list_.empty() ? next_stream_ : skip_resume_.next();
}

void Consumer::recount() {
  const StreamSeq last = stream_.durable_last();
  num_pending_ = skip_list_.size();
  if (counted_from() > last) {
    return;
  }
  const std::uint64_t behind =
      last < stream_.state().last ? stream_.count_from(filters_, last.next()) : 0;
  num_pending_ += stream_.count_from(filters_, counted_from()) - behind;
}

void Consumer::on_message(StreamSeq sequence) {
  if (sequence >= counted_from()) {
    ++num_pending_;
    wake_reader();
  }
}

void Consumer::on_messages(stream::SequenceRun readable, std::uint64_t count) {
  if (counted_from() <= readable.first) {
    num_pending_ += count;
  } else {
    recount();  // It starts later.
  }
  wake_reader();
}

/// Somebody may wait for what has come.
void Consumer::wake_reader() {
  if (config_.push() || !pulls_.requests.empty()) {
    wake();
  }
}

void Consumer::on_removed(StreamSeq sequence) {
  if (sequence >= counted_from() && sequence <= stream_.durable_last() && num_pending_ > 0) {
    --num_pending_;
  }
  if (pending_.contains(sequence)) {
    removed_.push_back(sequence);
    wake();
  } else {
    redelivered_.erase(sequence);
  }
}

/// Ends the wait for acks of what is gone.
void Consumer::forget_removed(Instant now) {
  std::vector<StreamSeq> gone = std::exchange(removed_, {});
  if (std::exchange(reloaded_, false)) {
    for (const auto& [sequence, pending] : pending_) {
      if (!stream_.time_of(sequence)) {
        gone.push_back(sequence);
      }
    }
    redelivered_.erase(redelivered_.begin(), redelivered_.lower_bound(stream_.state().first));
  }
  for (const StreamSeq sequence : gone) {
    forget_deleted(sequence, now);
  }
}

/// CC-17: five seconds for an ephemeral that named nothing, with jitter where clients poll.
void Consumer::set_inactivity() {
  const Duration jitter = std::chrono::milliseconds(100 + environment_.entropy.next() % 900);
  if (!config_.is_durable() && config_.inactive_threshold.count() <= 0) {
    config_.inactive_threshold = base::ephemeral_inactive_default;
    inactive_after_ = base::sum(config_.inactive_threshold, jitter);
  } else if (config_.inactive_threshold.count() > 0) {
    inactive_after_ = base::sum(config_.inactive_threshold, config_.push() ? Duration{0} : jitter);
  } else {
    inactive_after_ = Duration{0};
  }
  inactive_at_ = kNever;
}

ConsumerState Consumer::state() const {
  ConsumerState state;
  state.delivered_consumer = next_consumer_.previous();
  state.delivered_stream = delivered_stream_;
  state.floor_consumer = floor_consumer_;
  state.floor_stream = floor_stream_;
  state.pending = pending_;
  state.redelivered = redelivered_;
  return state;
}

void Consumer::save(Instant now) {
  if (!dirty_ || (!save_now_ && now < saved_at_ + base::consumer_save_interval)) {
    return;
  }
  // While the first pass of last_per_subject runs, its list is not kept: a restart begins it anew.
  if (skip_list_.empty() || config_.deliver_policy != DeliverPolicy::last_per_subject) {
    const std::string saved = encode_state(state(), environment_.clock, now);
    if (save_both_) {
      files_.state.save_twice(saved);
    } else {
      files_.state.save(saved);
    }
  } else {
    files_.state.remove();
  }
  if (saved_in_ <= environment_.journal.durable() &&
      failures_seen_ == environment_.journal.failures()) {
    saves_lost_ = 0;
  }
  failures_seen_ = environment_.journal.failures();
  saved_in_ = environment_.journal.open_ticket();
  dirty_ = false;
  save_now_ = false;
  save_both_ = false;
  saved_at_ = now;
}

}  // namespace frond::consumer
