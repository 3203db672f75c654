#pragma once
// What sync needs of the rest of the node beyond base::Outlet: inboxes to receive on, and a publish
// that reaches its peer and nobody else. No client and no leaf sees what sync sends and receives
// here, or can put anything between: an ack that anyone could forge would lose a message. The
// engine implements it over the router and the hub link; sync knows nothing of the leaf protocol.
// Lives as long as the engine.

#include "base/message.h"

#include <frond/types.h>

#include <cstdint>
#include <string_view>

namespace frond::sync {

enum class InboxId : std::uint64_t {};

/// Whom sync talks to.
enum class Peer : std::uint8_t {
  hub,
  self,  ///< This node's own API, for a mirror of a stream of the same node.
  app,   ///< A client of this node that is asked something; heard only.
};

/// Receives what arrives on one inbox.
class InboxHandler {
 public:
  virtual ~InboxHandler() = default;
  /// `target` is the inbox subject it was routed by; message.subject is what a client would see.
  virtual void on_inbox(InboxId inbox, std::string_view target, const base::Message& message,
                        Instant now) = 0;
};

/// What became of a publish at the hub.
enum class HubSend : std::uint8_t {
  sent,
  offline,      ///< The link is not online.
  no_interest,  ///< Nobody at the hub listens on the subject: no stream takes it.
  denied,       ///< The hub's permissions, or its size limit, do not let it through.
};

class SyncLink {
 public:
  virtual ~SyncLink() = default;
  /// Subscribes exactly this subject as an internal subscription before it returns, so that its LS+
  /// leaves ahead of any request that names it. A push delivery needs an LS+ of the literal
  /// subject: the engine must not serve inboxes by one wildcard subscription. Only what `peer`
  /// sends arrives, and it arrives nowhere else.
  virtual InboxId open(Peer peer, std::string_view subject, InboxHandler& handler) = 0;
  /// Safe inside on_inbox; nothing arrives on it afterwards.
  virtual void close(InboxId inbox) = 0;
  /// Publishes at the hub only, never to local subscribers: a forwarded message that came back into
  /// its own stream would be forwarded again.
  virtual HubSend send_to_hub(std::string_view target, const base::Message& message) = 0;
  /// Whether the link carries away what it is given: when not, a forwarder waits.
  virtual bool has_room() const { return true; }
  /// Hands a request, or the answer to flow control, to this node's own JetStream.
  virtual void send_to_self(std::string_view target, const base::Message& message) = 0;
  HubSend send(Peer peer, std::string_view target, const base::Message& message) {
    if (peer == Peer::hub) {
      return send_to_hub(target, message);
    }
    send_to_self(target, message);
    return HubSend::sent;
  }
  /// Asks the hub for a sign of life. Unlike any request it needs no permission there.
  virtual void probe(Instant now) = 0;
  /// When anything last came from the hub.
  virtual Instant last_heard() const = 0;
  /// The hub that is linked now: another one after each of its starts.
  virtual std::string_view hub_id() const = 0;
};

}  // namespace frond::sync
