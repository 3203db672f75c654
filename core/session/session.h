#pragma once
// One client connection: the protocol's rules between the bytes of a client and the router. It
// greets with INFO, checks CONNECT, turns PUB into publications and SUB into subscriptions, and
// writes what the router delivers. Behaviour, texts and order follow nats-server. Owned by the
// engine from connect to close; takes its subscriptions with it when it is destroyed.
//
// After each call the engine finds in output() what to send and whether to close; sessions that
// have something new, by any cause, are on the node's dirty list.

#include "access/login.h"
#include "access/permissions.h"
#include "access/reply_rights.h"
#include "access/secret_check.h"
#include "route/connection_output.h"
#include "route/sink.h"
#include "session/connect_options.h"
#include "session/node.h"
#include "session/ping_clock.h"
#include "wire/parser.h"

#include <frond/config.h>
#include <frond/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace frond::session {

/// Counters of one connection, as connz shows them. "in" is what the client sent.
struct Traffic {
  std::uint64_t in_msgs = 0, in_bytes = 0;
  std::uint64_t out_msgs = 0, out_bytes = 0;
};

class Session final : public route::Sink {
 public:
  Session(ConnectionId id, const ConnectionInfo& info, const Node& node, Instant now);
  ~Session() override;

  /// Sends INFO (CP-01); once, before anything else.
  void start(Instant now);
  /// Bytes from the client. Ignored once closing.
  void receive(std::string_view bytes, Instant now);
  /// The host has written this many bytes of the output (CP-17).
  /// True when there is room for more again.
  bool sent(std::uint64_t bytes) { return output_.sent(bytes); }
  /// Nothing is read from the client for a while, or again: meanwhile it cannot answer pings.
  void hold(bool hold, Instant now);
  /// Authentication timeout (CP-16), pings and the stale connection (CP-15).
  void tick(Instant now);
  Instant next_deadline() const;
  /// INFO again, as connect_urls or lame duck mode have changed (CP-19, CP-20). Not for clients
  /// that cannot take one, nor before CONNECT.
  void announce();
  /// The configuration's users have changed: ends what this client may no longer do or have.
  void recheck(Instant now);
  /// Whether the secret that the host was asked about (CheckSecret) is the right one.
  void secret_checked(bool matches, Instant now);
  /// There are as many clients as may be (CP-23).
  void refuse_place();
  /// Ends the connection from our side with one of NATS's reasons ("Server Shutdown").
  void close(std::string_view reason) { output_.close(reason); }

  route::ConnectionOutput& output() { return output_; }
  bool closing() const { return output_.closing(); }

  // For connz and logs.
  const ConnectionInfo& info() const { return info_; }
  const ConnectOptions& options() const { return options_; }
  const std::string& user() const { return user_; }  ///< Empty without authentication.
  const Traffic& traffic() const { return traffic_; }
  std::size_t subscription_count() const { return subscriptions_.size(); }
  /// visit(subject, queue, sid) for connz?subs=1; in no special order.
  void each_subscription(
      const std::function<void(std::string_view, std::string_view, std::string_view)>& visit) const;
  std::uint64_t pending_bytes() const { return output_.pending_bytes(); }
  Instant started() const { return started_; }
  Instant last_activity() const { return pings_.last_activity(); }
  Duration round_trip() const { return pings_.round_trip(); }

  // route::Sink
  route::SinkKind kind() const override { return route::SinkKind::client; }
  void deliver(const route::Subscription& subscription, const base::Message& message,
               std::string_view target) override;
  bool forward(const base::Message& message, std::string_view target, bool plain,
               std::span<const std::string_view> queues) override;
  bool has_room() const override { return output_.has_room(); }

 private:
  /// One SUB of the client.
  struct Own {
    route::SubscriptionId id{};
    std::string subject, queue;
    std::uint64_t delivered = 0;
    std::uint64_t max = 0;  ///< Goes away after this many; 0 means never (CP-08).
    bool filtered = false;  ///< Deliveries must pass Permissions::may_deliver.
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  using Subscriptions = std::unordered_map<std::string, Own, Hash, std::equal_to<>>;

  void handle(const wire::Command& command, Instant now);
  void handle_connect(std::string_view json, Instant now);
  void handle_ping(Instant now);
  bool may_publish(std::string_view subject, Instant now);
  bool may_ask_for_reply(std::string_view reply) const;
  void handle_publish(const base::Message& message, Instant now);
  void handle_subscribe(const wire::Command& command, Instant now);
  void handle_unsubscribe(const wire::Command& command, Instant now);
  void handle_parse_error(wire::ParseError error);
  void send_no_responders(const base::Message& message);

  bool auth_required() const;
  bool awaiting_auth() const { return !connect_received_ && auth_required(); }
  access::Verdict authenticate();
  /// What follows a CONNECT once it is known who sent it.
  void admit(Instant now);
  void refuse_auth();
  /// Whether the first verb may be something else than CONNECT: as no_auth_user, or with no auth.
  bool admit_without_connect();

  void send_info(bool connect_info, std::string_view nonce = {});
  void send_err(std::string_view text);
  void send_ok();
  void fail(std::string_view text, std::string_view reason);
  static std::string subscription_violation(std::string_view subject, std::string_view queue);
  void drop_forbidden();
  void drop_subscription(Subscriptions::iterator own);

  const Node& node_;
  ConnectionInfo info_;
  route::ConnectionOutput output_;
  wire::Parser parser_;
  ConnectOptions options_;
  access::Permissions permissions_;
  bool restricted_ = false;  ///< permissions_ says anything at all.
  std::optional<access::ReplyRights> replies_;
  access::SecretCheck secret_;
  std::string user_;   ///< Name or nkey.
  std::string nonce_;  ///< What an nkey has to sign; empty when no user has one.
  bool connect_received_ = false;
  bool first_pong_sent_ = false;
  Subscriptions subscriptions_;
  Traffic traffic_;
  Instant started_;
  Instant auth_until_ = kNever;
  PingClock pings_;
};

}  // namespace frond::session
