#pragma once
// Virtual time: a queue of things to do, in order of time and, at one time, in order of asking.
// Nothing in the simulation happens outside of an event of this queue.

#include <frond/types.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace frond::sim {

class Scheduler {
 public:
  using Action = std::function<void()>;

  Instant now() const { return now_; }
  std::uint64_t steps() const { return steps_; }

  void at(Instant when, Action action) {
    heap_.push_back({std::max(when, now_), order_++, std::move(action)});
    std::push_heap(heap_.begin(), heap_.end(), Later{});
  }
  void after(Duration delay, Action action) { at(now_ + delay, std::move(action)); }

  /// Runs events until `end` or until `stop` says so; time stands at the last event or at `end`.
  template <class Stop>
  void run_until(Instant end, Stop stop) {
    while (!heap_.empty() && heap_.front().when <= end && !stop()) {
      std::pop_heap(heap_.begin(), heap_.end(), Later{});
      Event event = std::move(heap_.back());
      heap_.pop_back();
      now_ = event.when;
      ++steps_;
      event.action();
    }
    if (!stop()) now_ = std::max(now_, end);
  }

 private:
  struct Event {
    Instant when;
    std::uint64_t order;
    Action action;
  };
  struct Later {
    bool operator()(const Event& a, const Event& b) const {
      return a.when != b.when ? a.when > b.when : a.order > b.order;
    }
  };

  // A fixed Thursday, so that a replay prints the same times on every machine.
  Instant now_{std::chrono::seconds(1'767'225'600)};
  std::uint64_t order_ = 0;
  std::uint64_t steps_ = 0;
  std::vector<Event> heap_;
};

}  // namespace frond::sim
