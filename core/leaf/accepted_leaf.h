#pragma once
// A leaf that joined us (ConnectionKind::leaf), Frond's own or a stock nats-server's: we speak
// first with INFO, check its CONNECT, tell it its rights in a second INFO and announce our
// interest; from then on it is a LeafSession (leafnode-protocol 3, seen from the hub). One per
// connection, kept by accepted_leafs.

#include "access/login.h"
#include "access/permissions.h"
#include "access/reply_rights.h"
#include "access/secret_check.h"
#include "leaf/handshake.h"
#include "leaf/leaf_session.h"
#include "leaf/link_rights.h"
#include "route/connection_output.h"
#include "wire/parser.h"

#include <frond/config.h>
#include <frond/host.h>
#include <frond/output.h>
#include <frond/types.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace frond::leaf {

/// What all accepted leafs share; the references must outlive them.
struct AcceptContext {
  const Config& config;
  std::string server_id;
  route::Router& router;
  InterestTable& interest;
  Entropy& entropy;
  Outbox& outbox;
  std::string loop_guard;
  const Verifier* verifier = nullptr;
  bool checks_secrets = false;   ///< The host answers CheckSecret.
  const Instant* now = nullptr;  ///< Of the input at work: what is sent brings no time of its own.
};

/// A row of /leafz.
struct LeafRow {
  ConnectionId connection{};
  std::string name;
  std::string address;
  bool is_spoke = true;
  LeafTraffic traffic;
  std::size_t subscriptions = 0;
  Duration rtt{0};
};

class AcceptedLeaf {
 public:
  /// Sends the leaf INFO. `on_join` is called when it has been let in, before it is told so.
  AcceptedLeaf(const AcceptContext& context, route::DirtyList& dirty, ConnectionId id,
               const ConnectionInfo& info, std::function<void(const AcceptedLeaf&)> on_join,
               Instant now);
  AcceptedLeaf(const AcceptedLeaf&) = delete;
  AcceptedLeaf& operator=(const AcceptedLeaf&) = delete;

  void receive(std::string_view bytes, Instant now);
  void secret_checked(bool matches, Instant now);
  /// The configuration's users have changed: a leaf that would not be let in as it is now is
  /// closed, and comes again if it may.
  void recheck(Instant now);
  void tick(Instant now);
  /// Nothing is read from the leaf for a while, or again. Pings show it that we are still here; its
  /// answers to them are not waited for.
  void hold(bool hold, Instant now);
  /// The host has written this many bytes. True when there is room for more again.
  bool sent(std::uint64_t bytes) { return output_.sent(bytes); }
  /// Ends the connection from our side; `error` may be empty. The leaf stays until the end of the
  /// input: it may be the one whose bytes are being read.
  void close(std::string_view error, std::string_view reason);

  bool joined() const { return joined_ && !gone(); }
  /// Only its last words are still to be sent.
  bool gone() const { return output_.closing(); }
  const route::ConnectionOutput& output() const { return output_; }
  /// Whether both are connections of the same leaf; one without a name is nobody's.
  bool same_as(const AcceptedLeaf& other) const;
  Instant next_deadline() const { return std::min(connect_by_, ping_at_); }
  LeafRow row() const;

 private:
  void join(std::string_view text, Instant now);
  access::Verdict authenticate() const;
  void admit(const User* user, Instant now);
  void refuse_login();
  void grant(const User* user);
  /// Whether the leaf may publish there: by its lists, or as an answer to what it was sent.
  bool may_publish(std::string_view subject, Instant now);
  void joined_command(const wire::Command& command, Instant now);
  void subscribe(const wire::Command& command);
  void message(const wire::Command& command, Instant now);
  void send_info(bool connect_info, const User* user);

  const AcceptContext& context_;
  ConnectionInfo info_;
  std::function<void(const AcceptedLeaf&)> on_join_;
  wire::Parser parser_;
  LinkRights rights_;
  // What the leaf may do, in its direction: subscribe; publish, by its user's lists; and answer.
  LinkRights from_leaf_{std::string()};
  access::Permissions permissions_;
  std::optional<access::ReplyRights> replies_;
  route::ConnectionOutput output_;
  LeafSession session_;
  LeafConnect connect_;
  std::string nonce_;
  std::optional<User> user_;  // As the configuration had it when the leaf was let in.
  access::SecretCheck secret_;
  bool joined_ = false;
  bool held_ = false;
  Instant connect_by_ = kNever;
  Instant ping_at_ = kNever;
  Instant pinged_{};
  std::uint32_t pings_out_ = 0;
  Duration rtt_{0};
};

}  // namespace frond::leaf
