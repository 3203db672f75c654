#pragma once
// Where a message can be delivered. Sessions, leaf links and the engine's internal endpoints
// (streams, the JetStream API, consumers' ack subjects) are sinks; the router knows nothing more of
// them. A sink outlives its subscriptions: Router::remove_sink is called before it is destroyed.

#include "base/message.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace frond::route {

class Sink;

/// What the router calls the subscription by; never reused.
enum class SubscriptionId : std::uint64_t {};

/// One interest. The router owns it; sinks see it during delivery.
struct Subscription {
  SubscriptionId id{};
  Sink* sink = nullptr;
  std::string subject;       ///< May have wildcards.
  std::string queue;         ///< Queue group; empty for a plain subscription.
  std::string sid;           ///< The client's own name for it; empty for internal ones.
  std::uint32_t weight = 1;  ///< Members behind it: a leaf announces groups with a count.
  bool alone = false;        ///< Nobody else gets what comes on its subject.
};

enum class SinkKind : std::uint8_t {
  client,    ///< A client session.
  leaf,      ///< A leaf that joined us.
  hub,       ///< The link to our hub.
  internal,  ///< Streams, API, consumers, sync.
};

class Sink {
 public:
  virtual ~Sink() = default;
  virtual SinkKind kind() const = 0;
  /// False for a sink behind which requests are carried out: answers (Publication::answer) pass it
  /// by, so that nobody has the node send itself a request by naming its subject as a reply.
  virtual bool takes_answers() const { return true; }
  /// Whether it stores what is delivered to it, as streams do. What the node itself sends often
  /// lies in the very store: the router copies such a message first. And storing is not reading: it
  /// keeps no push consumer going (Router::has_reader).
  virtual bool stores() const { return false; }
  /// Clients and internal sinks: one call per matching subscription (or chosen queue member).
  /// `target` is the subject it was routed by, usually message.subject.
  virtual void deliver(const Subscription& subscription, const base::Message& message,
                       std::string_view target) = 0;
  /// Leaf and hub sinks: one call per message, with whether plain interest matched and which queue
  /// groups the other side must serve (leafnode-protocol 5). Returns false when the link's denies
  /// or permissions keep the message back.
  virtual bool forward(const base::Message& message, std::string_view target, bool plain,
                       std::span<const std::string_view> queues) = 0;
  /// Whether who can wait should send now: little waits for the other end (ConnectionOutput).
  virtual bool has_room() const { return true; }
};

}  // namespace frond::route
