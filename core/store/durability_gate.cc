#include "store/durability_gate.h"

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
  insert(ticket, {std::move(reply), std::move(refusal), nullptr});
}

void DurabilityGate::hold(Ticket ticket, std::function<void(bool durable)> action) {
  if (journal_.is_durable(ticket)) {
    action(true);
    return;
  }
  insert(ticket, {{}, {}, std::move(action)});
}

void DurabilityGate::insert(Ticket ticket, Waiting waiting) {
  waiting_bytes_ += waiting.bytes();
  waiting_[ticket].push_back(std::move(waiting));
}

DurabilityGate::Waiting DurabilityGate::take_first() {
  const auto lowest = waiting_.begin();
  Waiting taken = std::move(lowest->second.front());
  lowest->second.pop_front();
  if (lowest->second.empty()) {
    waiting_.erase(lowest);
  }
  waiting_bytes_ -= taken.bytes();
  return taken;
}

std::uint64_t DurabilityGate::Waiting::bytes() const {
  const auto of = [](const Reply& one) {
    return one.target.size() + one.header.size() + one.payload.size();
  };
  return sizeof(Waiting) + of(reply) + of(refusal);
}

void DurabilityGate::release() {
  while (!waiting_.empty() && journal_.is_durable(waiting_.begin()->first)) {
    // Taken out first: sending may come back here through an action.
    const Waiting ready = take_first();
    if (ready.action) {
      ready.action(true);
    } else {
      outlet_.send(ready.reply.target, view(ready.reply));
    }
  }
}

void DurabilityGate::refuse(Ticket last_lost) {
  while (!waiting_.empty() && waiting_.begin()->first <= last_lost) {
    const Waiting lost = take_first();
    if (lost.action) {
      lost.action(false);
    } else if (!lost.refusal.target.empty()) {
      outlet_.send(lost.refusal.target, view(lost.refusal));
    }
  }
}

}  // namespace frond::store
