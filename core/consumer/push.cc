// What only push consumers do: rest while nobody listens on the deliver subject, idle heartbeats,
// and flow control with a window that opens as the client answers (AK-05, PL-04).

#include "base/limits.h"
#include "base/nuid.h"
#include "base/time_sum.h"
#include "consumer/consumer.h"

#include <algorithm>

namespace frond::consumer {

void Consumer::refresh_interest(Instant now) {
  if (!config_.push()) {
    return;
  }
  const bool wanted = environment_.outlet.has_reader(config_.deliver_subject);
  if (wanted != active_) {
    active_ = wanted;
    inactive_at_ =
        wanted || inactive_after_.count() <= 0 ? kNever : base::after(now, inactive_after_);
  }
}

void Consumer::heartbeat_if_due(Instant now) {
  if (now < heartbeat_at_) {
    return;
  }
  heartbeat_at_ = base::after(now, config_.idle_heartbeat);
  if (active_) {
    heartbeat(config_.deliver_subject);
  }
}

/// Asks the client to say that it has processed what it got so far.
void Consumer::request_flow_control() {
  flow_id_ = "$JS.FC." + reply_name() + "." + base::random_name(environment_.entropy, 4);
  flow_asked_ = flow_bytes_;
  status(config_.deliver_subject, "100 FlowControl Request", flow_id_);
}

void Consumer::count_pushed(std::size_t size) {
  if (!config_.flow_control || !config_.push()) {
    return;
  }
  const auto bytes = static_cast<std::int64_t>(size);
  flow_bytes_ += bytes;
  if (flow_id_.empty()) {
    if (flow_bytes_ > flow_window_ / 2) {
      request_flow_control();
    }
  } else if (flow_bytes_ - flow_asked_ >= flow_window_) {
    flow_asked_ += bytes;
  }
}

void Consumer::on_flow_control(const base::Message& message, Instant) {
  if (closed_ || flow_id_.empty() || message.subject != flow_id_) {
    return;  // An answer to an older question says nothing.
  }
  flow_window_ = std::min(flow_window_ * 2, base::flow_control_window_bytes_max);
  flow_bytes_ = std::max<std::int64_t>(flow_bytes_ - flow_asked_, 0);
  flow_asked_ = 0;
  flow_id_.clear();
  wake();
}

}  // namespace frond::consumer
