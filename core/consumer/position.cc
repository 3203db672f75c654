// Where a consumer stands in its stream: where it starts, how many messages still wait for it, what
// becomes of its positions when messages go, and how all that gets to disk and back.

#include "base/limits.h"
#include "base/time_sum.h"
#include "consumer/consumer.h"

#include <algorithm>

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
  counted_to_ = std::min(counted_to_, last);
  went_back();
  save_soon();  // With the commit in which the stream goes back.
}

void Consumer::on_reloaded() {
  const stream::StreamState state = stream_.state();
  first_seen_ = state.first;
  deleted_seen_ = state.deleted;
  clamp_to_stream();
  counted_to_ = {};
  removed_ = true;
  wake();
}

void Consumer::on_removed() {
  removed_ = true;
  wake();
}

std::uint64_t Consumer::count_between(StreamSeq first, StreamSeq last) const {
  if (first > last) {
    return 0;
  }
  const stream::StreamState state = stream_.state();
  if (filters_.all() && state.deleted == 0) {
    const std::uint64_t from = std::max(first, state.first).value;
    const std::uint64_t to = std::min(last, state.last).value;
    return from > to ? 0 : to - from + 1;
  }
  const std::uint64_t behind = last < state.last ? stream_.count_from(filters_, last.next()) : 0;
  return stream_.count_from(filters_, first) - behind;
}

void Consumer::recount() {
  counted_to_ = stream_.durable_last();
  if (skip_list_.empty()) {
    num_pending_ = count_between(next_stream_, counted_to_);
  } else {
    num_pending_ = skip_list_.size() + count_between(skip_resume_.next(), counted_to_);
  }
}

void Consumer::count_new() {
  const StreamSeq durable = stream_.durable_last();
  if (durable <= counted_to_) {
    return;
  }
  const StreamSeq floor = skip_list_.empty() ? next_stream_ : skip_resume_.next();
  num_pending_ += count_between(std::max(counted_to_.next(), floor), durable);
  counted_to_ = durable;
}

/// After removals: counts again what is left, and ends the wait for acks of what is gone.
void Consumer::forget_removed(Instant now) {
  if (!removed_ && !removals_unchecked_) {
    return;
  }
  const stream::StreamState state = stream_.state();
  if (removed_) {
    removed_ = false;
    // Removals at the front do not touch a reader that is past them, which is the common case.
    const bool only_front = state.deleted == deleted_seen_;
    const bool past = only_front && next_stream_ >= state.first && skip_list_.empty();
    const bool caught_up = skip_list_.empty() && next_stream_ > counted_to_;
    if (!past && !caught_up) {
      recount();
    }
    removals_unchecked_ = removals_unchecked_ || !only_front;
    first_seen_ = state.first;
    deleted_seen_ = state.deleted;
  }
  while (!pending_.empty() && pending_.begin()->first < state.first) {
    forget_deleted(pending_.begin()->first, now);
  }
  redelivered_.erase(redelivered_.begin(), redelivered_.lower_bound(state.first));
  if (removals_unchecked_ && now >= removals_checked_at_ + base::removal_check_interval) {
    removals_unchecked_ = false;
    removals_checked_at_ = now;
    std::vector<StreamSeq> missing;
    for (const auto& [sequence, pending] : pending_) {
      if (!stream_.time_of(sequence)) {
        missing.push_back(sequence);
      }
    }
    for (const StreamSeq sequence : missing) {
      forget_deleted(sequence, now);
    }
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
