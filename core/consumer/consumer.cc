#include "consumer/consumer.h"

#include "base/limits.h"
#include "base/retry_pause.h"
#include "base/time_sum.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace frond::consumer {
namespace {

std::uint64_t percent_of(std::string_view sample_freq) {
  std::uint64_t percent = 0;
  std::from_chars(sample_freq.data(), sample_freq.data() + sample_freq.size(), percent);
  return percent;
}

}  // namespace

Consumer::Consumer(stream::Stream& stream, Environment& environment, ConsumerConfig config,
                   std::string name, WallTime created, ConsumerFiles files,
                   std::optional<ConsumerState> restored, Instant now)
    : stream_(stream),
      environment_(environment),
      config_(std::move(config)),
      name_(std::move(name)),
      created_(created),
      order_(++environment.made),
      filters_(config_.filters()),
      files_(std::move(files)) {
  // What dies with its client anyway is not worth a commit (CC-26).
  const bool lasting =
      config_.is_durable() || config_.inactive_threshold > base::ephemeral_inactive_default;
  persistent_ = lasting && !config_.mem_storage && !config_.direct &&
                stream.config().storage == stream::StorageKind::file;
  set_inactivity();
  pulls_.last_request = now;
  flow_window_ = base::flow_control_window_bytes_max / 16;
  sample_percent_ = percent_of(config_.sample_freq);
  const stream::StreamState state = stream.state();
  if (restored) {
    restore(std::move(*restored));
    clamp_to_stream();
  } else {
    select_start(created != environment_.clock.wall(now));
  }
  if (config_.replay_policy == ReplayPolicy::original) {
    replaying_ = true;
    replay_until_ = state.last;
  }
  if (config_.push() && config_.idle_heartbeat.count() > 0) {
    heartbeat_at_ = base::after(now, config_.idle_heartbeat);
  }
  recount();
  dirty_ = persistent_;
  wake();
}

void Consumer::wake() {
  woken_ = true;
  queue();
}

void Consumer::queue() {
  if (!queued_ && !closed_) {
    queued_ = true;
    environment_.woken.push_back(this);
  }
}

void Consumer::save_soon() {
  if (persistent_) {
    dirty_ = true;
    save_now_ = true;
    wake();
  }
}

void Consumer::save_lost(Instant now) {
  if (environment_.journal.is_durable(saved_in_)) {
    return;
  }
  went_back();
  save_now_ = false;
  // Longer each time: it may be this very file that makes every commit fail.
  const Duration pause =
      base::retry_pause(++saves_lost_, base::consumer_save_interval, base::storage_fence_max);
  saved_at_ = now + pause - base::consumer_save_interval;
  due_ = next_deadline();
}

/// Something that the state file holds is different now.
void Consumer::changed() { dirty_ = persistent_; }

/// The consumer will deliver again what it has already delivered: an older copy of its state would
/// make it skip that, so none must be left.
void Consumer::went_back() {
  save_both_ = persistent_;
  changed();
}

bool Consumer::pump(Instant now) {
  const bool stays = pump_once(now);
  due_ = next_deadline();
  return stays;
}

bool Consumer::pump_once(Instant now) {
  // When only the state file is due, waiting pulls are left alone: their reader may be between two
  // connections, and a request lives on when its interest is back before anything is for it.
  const bool at_work = std::exchange(woken_, false) || config_.push() || now >= work_deadline();
  if (closed_) {
    return true;
  }
  forget_removed(now);
  refresh_interest(now);
  expire_acks(now);
  if (at_work) {
    deliver_available(now);
  }
  if (closed_) {
    return true;  // Deleted by what one of its own deliveries set off.
  }
  heartbeat_if_due(now);
  save(now);
  return !inactive(now);
}

/// When the next message, heartbeat or answer to a request is due.
Instant Consumer::work_deadline() const {
  if (more_) {
    return Instant{};
  }
  Instant next = std::min({ack_deadline_, heartbeat_at_, inactive_at_});
  for (const PullRequest& request : pulls_.requests) {
    next = std::min({next, request.expires, request.next_heartbeat});
  }
  if (config_.pause_until && *config_.pause_until > WallTime{}) {
    next = std::min(next, environment_.clock.instant(*config_.pause_until));
  }
  if (not_before_ > Instant{}) {
    next = std::min(next, not_before_);
  }
  return next;
}

Instant Consumer::next_deadline() const {
  if (closed_) {
    return kNever;
  }
  Instant next = work_deadline();
  if (dirty_) {
    next = std::min(next, saved_at_ + base::consumer_save_interval);
  }
  return next;
}

ConsumerInfo Consumer::info(Instant now) {
  forget_removed(now);
  refresh_interest(now);
  ConsumerInfo info;
  info.delivered_consumer = next_consumer_.previous();
  info.delivered_stream = delivered_stream_;
  info.delivered_last = delivered_last_;
  info.floor_consumer = floor_consumer_;
  info.floor_stream = floor_stream_;
  info.floor_last = floor_last_;
  info.ack_pending = pending_.size();
  // With one delivery only nothing is ever redelivered, whatever is remembered.
  info.redelivered = config_.max_deliver == 1 ? 0 : redelivered_.size();
  if (!config_.push()) {
    process_requests(false, now);
    info.waiting = pulls_.requests.size();
  }
  info.pending = num_pending_;
  info.push_bound = config_.push() && active_;
  info.paused = paused(now);
  info.pause_remaining =
      info.paused ? *config_.pause_until - environment_.clock.wall(now) : Duration{0};
  return info;
}

void Consumer::update(ConsumerConfig config, Instant now) {
  const ConsumerConfig before = std::exchange(config_, std::move(config));
  if (before.deliver_subject != config_.deliver_subject) {
    redeliver_all(now);
    active_ = false;
  }
  if (before.ack_wait != config_.ack_wait || before.backoff != config_.backoff) {
    ack_deadline_ = pending_.empty() ? kNever : now;
  }
  if (before.inactive_threshold != config_.inactive_threshold) {
    set_inactivity();
    pulls_.last_request = now;
  }
  sample_percent_ = percent_of(config_.sample_freq);
  if (before.filters() != config_.filters()) {
    filters_ = subject::FilterSet(config_.filters());
    recount();
  }
  save_soon();
  wake();
}

void Consumer::close(std::string_view line) {
  closed_ = true;
  // Taken out first: a status that goes out may bring a new request in.
  const std::deque<PullRequest> waiting = std::exchange(pulls_.requests, {});
  for (const PullRequest& request : waiting) {
    status(request.reply, line);
  }
}

void Consumer::end_pulls_shutdown() {
  const std::deque<PullRequest> waiting = std::exchange(pulls_.requests, {});
  for (const PullRequest& request : waiting) {
    status(request.reply, "409 Server Shutdown", request);
  }
}

std::uint64_t Consumer::deliveries(StreamSeq sequence) const {
  const auto count = redelivered_.find(sequence);
  return count == redelivered_.end() ? 1 : count->second + 1;
}

}  // namespace frond::consumer
