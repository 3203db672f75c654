#include "sync/forward/forward_window.h"

#include <algorithm>

namespace frond::sync {

void ForwardWindow::begin(Instant now) {
  *this = ForwardWindow(messages_most_);
  round_began_ = now;
}

void ForwardWindow::hold_back(Instant now) {
  cautious_ = true;
  limited_ = false;
  sum_ = {};
  acks_ = 0;
  round_began_ = now;
}

void ForwardWindow::refused() {
  doubling_ = false;
  bytes_ = base::forward_window_bytes_step;
}

bool ForwardWindow::full(std::uint64_t messages, std::size_t bytes) const {
  return messages > 0 && (messages >= (cautious_ ? 1 : messages_most_) || bytes >= bytes_);
}

void ForwardWindow::acked(Instant sent, Instant now) {
  cautious_ = false;
  const Duration trip = now - sent;
  least_ = std::min(least_, trip);
  sum_ += trip;
  ++acks_;
  if (sent >= round_began_) {
    end_round(now);
  }
}

/// The first message of the round is acked. A round in which the stream had no more to send says
/// nothing of what more would do.
void ForwardWindow::end_round(Instant now) {
  if (limited_) {
    const Duration mean = sum_ / acks_;
    const Duration free = least_ + least_ / 2 + base::forward_window_slack;
    doubling_ = doubling_ && mean <= free;
    if (doubling_) {
      bytes_ *= 2;
    } else if (mean <= free) {
      bytes_ += std::max(bytes_ / 4, base::forward_window_bytes_step);
    } else {
      const double carried = static_cast<double>(free.count()) / static_cast<double>(mean.count());
      bytes_ = static_cast<std::size_t>(static_cast<double>(bytes_) * carried) +
               base::forward_window_bytes_step;
    }
    bytes_ = std::min(bytes_, base::forward_window_bytes);
  }
  limited_ = false;
  sum_ = {};
  acks_ = 0;
  round_began_ = now;
}

}  // namespace frond::sync
