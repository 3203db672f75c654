#include "api/long_answers.h"

#include "base/limits.h"

#include <algorithm>
#include <utility>

namespace frond::api {

void LongAnswers::start(std::unique_ptr<LongAnswer> answer) {
  cost_ += answer->cost();
  waiting_.push_back(std::move(answer));
  while (!waiting_.empty() &&
         (waiting_.size() > base::api_waiting_max || cost_ > base::long_answers_bytes_max)) {
    cost_ -= std::min(cost_, waiting_.front()->cost());
    waiting_.front()->dropped(outlet_);
    waiting_.pop_front();
  }
  awake_ = true;
}

void LongAnswers::pump() {
  if (!std::exchange(awake_, false)) {
    return;
  }
  std::size_t budget = base::pump_bytes_max;
  std::deque<std::unique_ptr<LongAnswer>> still;
  std::deque<std::unique_ptr<LongAnswer>> moved;
  // Taken out first: what is sent may start another one.
  std::deque<std::unique_ptr<LongAnswer>> all = std::exchange(waiting_, {});
  cost_ = 0;
  for (std::unique_ptr<LongAnswer>& answer : all) {
    bool stepped = false;
    if (go_on(*answer, budget, stepped)) {
      cost_ += answer->cost();
      (stepped ? moved : still).push_back(std::move(answer));
    }
  }
  for (std::unique_ptr<LongAnswer>& answer : waiting_) {
    cost_ += answer->cost();
  }
  std::ranges::move(moved, std::back_inserter(still));
  std::ranges::move(waiting_, std::back_inserter(still));
  waiting_ = std::move(still);
}

bool LongAnswers::go_on(LongAnswer& answer, std::size_t& budget, bool& moved) {
  for (;;) {
    switch (outlet_.reach(answer.target)) {
      case base::Reach::nobody:
        return false;
      case base::Reach::full:
        return true;
      case base::Reach::ready:
        break;
    }
    if (budget == 0) {
      awake_ = true;  // The others get their turn with the next pump.
      return true;
    }
    std::size_t bytes = 0;
    const LongAnswer::Step step = answer.step(outlet_, bytes);
    budget -= std::min(budget, bytes);
    if (step != LongAnswer::Step::sent) {
      return step == LongAnswer::Step::wait;
    }
    moved = true;
  }
}

}  // namespace frond::api
