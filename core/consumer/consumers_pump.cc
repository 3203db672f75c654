// When which consumer has its turn: those that were woken, and those whose time has come.

#include "base/sort.h"
#include "consumer/consumers.h"

#include <algorithm>
#include <utility>

namespace frond::consumer {

void Consumers::wall_clock_set() {
  for (const auto& [stream, consumers] : by_stream_) {
    for (const auto& [name, entry] : consumers.by_name) {
      if (entry.consumer->config().pause_until) {
        entry.consumer->wake();
      }
    }
  }
}

/// Those whose time has come.
void Consumers::queue_late(Instant now) {
  earliest_ = kNever;
  for (const auto& [stream, consumers] : by_stream_) {
    for (const auto& [name, entry] : consumers.by_name) {
      if (entry.consumer->due() <= now) {
        entry.consumer->queue();
      } else {
        earliest_ = std::min(earliest_, entry.consumer->due());
      }
    }
  }
}

void Consumers::pump(Instant now) {
  if (pumping_ || now < next_deadline()) {
    return;
  }
  pumping_ = true;
  if (now >= earliest_) {
    queue_late(now);
  }
  if (std::exchange(interest_changed_, false)) {
    for (Consumer* consumer : pushing_) {
      consumer->queue();
    }
  }
  std::vector<Consumer*> due = std::exchange(environment_.woken, {});
  base::sort(due, [](const Consumer* a, const Consumer* b) { return a->order() < b->order(); });
  for (Consumer* consumer : due) {
    consumer->unqueue();
    // One that was closed meanwhile lies in closed_; its stream may be gone.
    if (!consumer->closed() && !consumer->pump(now) && !consumer->closed()) {
      remove(consumer->stream(), consumer->name(), now);
    }
    if (!consumer->closed()) {
      earliest_ = std::min(earliest_, consumer->due());
    }
  }
  closed_.clear();
  pumping_ = false;
}

void Consumers::room() {
  if (!std::exchange(environment_.room_wanted, false)) {
    return;
  }
  for (const auto& [stream, consumers] : by_stream_) {
    for (const auto& [name, entry] : consumers.by_name) {
      entry.consumer->room();
    }
  }
}

Instant Consumers::next_deadline() const {
  return environment_.woken.empty() && !interest_changed_ ? earliest_ : Instant{};
}

void Consumers::shutdown(Instant now) {
  for (const auto& [stream, consumers] : by_stream_) {
    for (const auto& [name, entry] : consumers.by_name) {
      entry.consumer->end_pulls_shutdown();
      entry.consumer->save_soon();
    }
  }
  pump(now);
}

}  // namespace frond::consumer
