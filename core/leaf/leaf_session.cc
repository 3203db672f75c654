#include "leaf/leaf_session.h"

#include "base/assert.h"
#include "base/limits.h"
#include "leaf/ack_reply.h"
#include "subject/match.h"
#include "subject/validity.h"
#include "wire/trace_header.h"
#include "wire/writer.h"

#include <algorithm>

namespace frond::leaf {

namespace {

constexpr std::string_view no_responders = "NATS/1.0 503\r\n\r\n";

}  // namespace

LeafSession::LeafSession(route::SinkKind kind, route::Router& router, InterestTable& interest,
                         LinkRights& rights, std::string_view loop_guard,
                         route::ConnectionOutput& output)
    : kind_(kind),
      router_(router),
      interest_(interest),
      rights_(rights),
      loop_guard_(loop_guard),
      output_(output) {}

LeafSession::~LeafSession() { end(); }

void LeafSession::set_peer(bool headers, std::size_t payload_bytes_max) {
  peer_headers_ = headers;
  payload_bytes_max_ = payload_bytes_max;
}

void LeafSession::begin() {
  FROND_ASSERT(!active_);
  active_ = true;
  // Bypasses the permissions on both sides: it only ever serves to recognise ourselves (LF-04).
  static_cast<void>(announce(loop_guard_, {}, 1));
  interest_.each([this](std::string_view subject, std::string_view queue, const Weights& weights) {
    interest_now(subject, queue, weights);
  });
  interest_.add(*this);
}

void LeafSession::end() {
  if (!active_) {
    return;
  }
  active_ = false;
  interest_.remove(*this);
  announced_.clear();
  theirs_.clear();
  wildcards_.clear();
  router_.remove_sink(*this);
}

bool LeafSession::subscribe(std::string_view subject, std::string_view queue,
                            std::uint32_t weight) {
  if (subject == loop_guard_) {
    return false;
  }
  // A hub's limits are wider than ours: what the router could not hold is as if never announced.
  if (!active_ || !subject::valid(subject) ||
      theirs_.size() >= base::subscriptions_per_connection_max) {
    return true;
  }
  weight = std::max(weight, 1u);
  const auto [at, added] = theirs_.try_emplace(Key{std::string(subject), std::string(queue)});
  if (!added) {
    if (at->second.weight != weight) {
      at->second.weight = weight;
      router_.set_weight(at->second.id, weight);
    }
    return true;
  }
  // Our own entry must stand before the router reports the change: it is subtracted there.
  at->second.weight = weight;
  if (queue.empty() && subject::has_wildcards(subject)) {
    wildcards_.at(subject);
  }
  const route::SubscriptionId id = router_.subscribe(*this, subject, queue, {}, weight);
  at->second.id = id;
  return true;
}

void LeafSession::unsubscribe(std::string_view subject, std::string_view queue) {
  const auto at = theirs_.find(Key{std::string(subject), std::string(queue)});
  if (at == theirs_.end()) {
    return;
  }
  const route::SubscriptionId id = at->second.id;
  if (queue.empty()) {
    wildcards_.erase(at->first.first);
  }
  theirs_.erase(at);
  router_.unsubscribe(id);
}

void LeafSession::message(const base::Message& received, std::span<const std::string_view> queues) {
  ++traffic_.in_messages;
  traffic_.in_bytes += received.header.size() + received.payload.size();
  if (!active_ || !rights_.may_receive(received.subject) || wire::is_trace_only(received.header)) {
    return;
  }
  const std::string_view target = received.subject;
  base::Message message = received;
  if (const auto ack = split_ack_reply(received.reply)) {
    if (!subject::valid_literal(ack->subject)) {
      return;  // What clients would be shown, and a stream would store, is no subject.
    }
    message.subject = ack->subject;
    message.reply = ack->reply;
  }
  const std::size_t reached = router_.publish(
      {.message = message, .target = target, .from = this, .echo = false, .queues = queues});
  // The other side chose us to serve these groups, so nobody else will: say at once that the member
  // it knew is gone. Never toward JetStream, where an empty message is an acknowledgement.
  if (reached == 0 && active_ && !queues.empty() && !message.reply.empty() &&
      !message.reply.starts_with("$JS.") && rights_.may_send(message.reply) &&
      peer_wants(message.reply)) {
    static_cast<void>(write(message.reply, {message.reply, {}, no_responders, {}}, {}));
  }
}

void LeafSession::deliver(const route::Subscription&, const base::Message&, std::string_view) {
  FROND_ASSERT(false);  // The router hands messages to links through forward().
}

bool LeafSession::forward(const base::Message& message, std::string_view target, bool,
                          std::span<const std::string_view> queues) {
  if (!active_ || output_.closing() || !rights_.may_send(target) ||
      (synced_ != nullptr && synced_->publish_stays(target)) ||
      message.header.size() + message.payload.size() > payload_bytes_max_) {
    return false;
  }
  return write(target, message, queues);
}

DirectSend LeafSession::send_direct(std::string_view target, const base::Message& message) {
  if (!active_ || output_.closing()) {
    return DirectSend::offline;
  }
  if (!rights_.permits_send(target) ||
      message.header.size() + message.payload.size() > payload_bytes_max_) {
    return DirectSend::denied;
  }
  if (!peer_wants(target)) {
    return DirectSend::no_interest;
  }
  return write(target, message, {}) ? DirectSend::sent : DirectSend::denied;
}

bool LeafSession::write(std::string_view target, const base::Message& message,
                        std::span<const std::string_view> queues) {
  const std::string_view header = peer_headers_ ? message.header : std::string_view{};
  std::string with_subject;
  std::string_view reply = message.reply;
  if (message.subject != target && is_ack_reply(message.reply)) {
    reply = with_subject.append(message.reply).append("@").append(message.subject);
  }
  bool written = false;
  output_.write([&](std::string& out) {
    written = wire::append_routed(out, target, reply, queues, header, message.payload);
  });
  if (!written) {
    return false;
  }
  if (request_listener_ && !message.reply.empty()) {
    request_listener_(message.reply);
  }
  ++traffic_.out_messages;
  traffic_.out_bytes += header.size() + message.payload.size();
  return true;
}

void LeafSession::interest_now(std::string_view subject, std::string_view queue,
                               const Weights& weights) {
  if (!active_) {
    return;
  }
  const std::uint32_t weight = weight_for_peer(subject, queue, weights);
  const auto at = announced_.find(Key{std::string(subject), std::string(queue)});
  if (weight == 0) {
    if (at == announced_.end()) {
      return;
    }
    announced_.erase(at);
    output_.write([&](std::string& out) {
      static_cast<void>(wire::append_interest_gone(out, subject, queue));
    });
    return;
  }
  if (at != announced_.end() && (queue.empty() || at->second == weight)) {
    return;
  }
  if (announce(subject, queue, weight)) {
    announced_[Key{std::string(subject), std::string(queue)}] = weight;
  }
}

bool LeafSession::announce(std::string_view subject, std::string_view queue, std::uint32_t weight) {
  bool written = false;
  output_.write(
      [&](std::string& out) { written = wire::append_interest(out, subject, queue, weight); });
  return written;
}

std::uint32_t LeafSession::weight_for_peer(std::string_view subject, std::string_view queue,
                                           const Weights& weights) const {
  using route::SinkKind;
  if (!rights_.may_announce(subject, queue)) {
    return 0;
  }
  const bool captured =
      kind_ == SinkKind::hub && synced_ != nullptr && synced_->interest_stays(subject);
  std::uint64_t weight =
      weights.of(SinkKind::client) + (captured ? 0 : weights.of(SinkKind::internal));
  if (kind_ == SinkKind::hub) {
    // What the hub announced to us is never announced back (leafnode-protocol 4).
    weight += weights.of(SinkKind::leaf);
  } else {
    weight += weights.of(SinkKind::hub) + weights.of(SinkKind::leaf);
    const auto own = theirs_.find(Key{std::string(subject), std::string(queue)});
    if (own != theirs_.end()) {
      weight -= std::min<std::uint64_t>(weight, own->second.weight);
    }
  }
  return static_cast<std::uint32_t>(std::min(weight, base::announced_weight_max));
}

bool LeafSession::peer_wants(std::string_view subject) const {
  return theirs_.contains(Key{std::string(subject), {}}) ||
         !wildcards_.match_literal(subject, [](const Wanted&) { return false; });
}

}  // namespace frond::leaf
