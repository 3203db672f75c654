#pragma once
// Answers of many messages, pulled by the progress of whoever asked: a step at a time while the
// asker's connection (or the link that leads to it) has room, so that an answer of any length costs
// the memory of one message and never makes its reader a slow consumer. Ended when nobody wants it
// any more. A handler starts one, the engine pumps them at the end of each input. Part of Api.

#include "base/outlet.h"

#include <frond/types.h>

#include <cstddef>
#include <deque>
#include <memory>
#include <string>

namespace frond::api {

class LongAnswer {
 public:
  enum class Step : std::uint8_t {
    sent,  ///< A message went out; more will follow.
    wait,  ///< What comes next is not durable yet.
    done,
  };

  explicit LongAnswer(std::string reply) : target(std::move(reply)) {}
  virtual ~LongAnswer() = default;
  LongAnswer(const LongAnswer&) = delete;
  LongAnswer& operator=(const LongAnswer&) = delete;

  /// Sends the next message to `target`; adds its size to `bytes`.
  virtual Step step(base::Outlet& outlet, std::size_t& bytes) = 0;
  /// It is ended by those that hold answers, for want of room.
  virtual void dropped(base::Outlet&) {}
  /// What it holds, about.
  virtual std::size_t cost() const = 0;

  const std::string target;
};

class LongAnswers {
 public:
  explicit LongAnswers(base::Outlet& outlet) : outlet_(outlet) {}

  /// It speaks at the next pump. When there are too many, the one that has waited longest without a
  /// step is dropped: its reader has stopped to read, and asks again when it still wants it.
  void start(std::unique_ptr<LongAnswer> answer);
  /// A connection has room again or is gone, or a commit has come back.
  void wake() { awake_ = true; }
  /// To be set where an answer learns by itself that it can go on.
  bool& waker() { return awake_; }
  void pump();
  /// True when the budget of one pump was used up.
  bool more() const { return awake_; }
  std::size_t size() const { return waiting_.size(); }

 private:
  /// False when it is over.
  bool go_on(LongAnswer& answer, std::size_t& budget, bool& moved);

  base::Outlet& outlet_;
  std::deque<std::unique_ptr<LongAnswer>> waiting_;  // Longest without a step first.
  std::size_t cost_ = 0;
  bool awake_ = false;
};

}  // namespace frond::api
