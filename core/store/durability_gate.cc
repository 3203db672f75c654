#include "store/durability_gate.h"

#include <algorithm>
#include <utility>

namespace frond::store {
namespace {

base::Message view(const Reply& reply) { return {reply.target, {}, reply.header, reply.payload}; }

}  // namespace

void DurabilityGate::hold(Ticket ticket, Reply reply, Reply refusal) {
  if (journal_.is_durable(ticket)) {
    outlet_.send(reply.target, view(reply));
    return;
  }
  insert({ticket, std::move(reply), std::move(refusal), nullptr});
}

void DurabilityGate::hold(Ticket ticket, std::function<void(bool durable)> action) {
  if (journal_.is_durable(ticket)) {
    action(true);
    return;
  }
  insert({ticket, {}, {}, std::move(action)});
}

void DurabilityGate::insert(Waiting waiting) {
  // Nearly always the back: only the ack of a duplicate waits for an older commit than its
  // predecessors.
  auto position = waiting_.end();
  while (position != waiting_.begin() && std::prev(position)->ticket > waiting.ticket) --position;
  waiting_.insert(position, std::move(waiting));
}

void DurabilityGate::release() {
  while (!waiting_.empty() && journal_.is_durable(waiting_.front().ticket)) {
    // Taken out first: sending may come back here through an action.
    const Waiting ready = std::move(waiting_.front());
    waiting_.pop_front();
    if (ready.action) {
      ready.action(true);
    } else {
      outlet_.send(ready.reply.target, view(ready.reply));
    }
  }
}

void DurabilityGate::refuse(Ticket last_lost) {
  while (!waiting_.empty() && waiting_.front().ticket <= last_lost) {
    const Waiting lost = std::move(waiting_.front());
    waiting_.pop_front();
    if (lost.action) {
      lost.action(false);
    } else if (!lost.refusal.target.empty()) {
      outlet_.send(lost.refusal.target, view(lost.refusal));
    }
  }
}

}  // namespace frond::store
