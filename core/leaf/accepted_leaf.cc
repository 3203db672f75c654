#include "leaf/accepted_leaf.h"

#include "base/limits.h"
#include "leaf/handshake.h"
#include "subject/validity.h"
#include "wire/parser.h"
#include "wire/writer.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace frond::leaf {

namespace {

/// The first PING comes soon, to know the round trip; the leaf's own is its barrier.
constexpr Duration first_ping_after = std::chrono::seconds(1);

struct Verdict {
  bool accepted = false;
  const User* user = nullptr;
};

const User* find_user(const std::vector<User>& users, const std::string& name) {
  // A user with an nkey has no name, and nobody comes as such by giving none.
  const auto at = std::ranges::find_if(
      users, [&name](const User& user) { return user.nkey.empty() && user.name == name; });
  return at == users.end() ? nullptr : &*at;
}

Verdict authenticate(const Config& config, const LeafConnect& connect) {
  const std::vector<User>& users = config.leaf_users.empty() ? config.users : config.leaf_users;
  if (!users.empty()) {
    if (connect.user.empty() && config.leaf_users.empty() && !config.no_auth_user.empty()) {
      const User* user = find_user(users, config.no_auth_user);
      return {user != nullptr, user};
    }
    const User* user = find_user(users, connect.user);
    const bool accepted = user != nullptr && user->password == connect.password;
    return {accepted, accepted ? user : nullptr};
  }
  return {config.token.empty() || config.token == connect.token, nullptr};
}

std::string_view parse_error_text(wire::ParseError error) {
  return error == wire::ParseError::payload_too_large ? "Maximum Payload Violation"
                                                      : "Unknown Protocol Operation";
}

}  // namespace

struct AcceptedLeafs::Impl {
  struct Leaf {
    Leaf(Impl& impl, ConnectionId connection, const ConnectionInfo& connection_info)
        : id(connection),
          info(connection_info),
          parser(wire::Dialect::leaf,
                 {impl.context.config.control_line_bytes_max * base::leaf_control_line_factor,
                  impl.context.config.payload_bytes_max}),
          rights(impl.context.config.domain),
          session(route::SinkKind::leaf, impl.context.router, impl.context.interest, rights,
                  impl.context.loop_guard, output) {
      parser.allow_headers(true);
    }

    ConnectionId id;
    ConnectionInfo info;
    wire::Parser parser;
    LinkRights rights;
    LinkRights from_leaf{std::string()};  // What the leaf may do, in its direction.
    std::string output;
    LeafSession session;
    LeafConnect connect;
    bool joined = false;
    bool gone = false;
    Instant connect_by = kNever;
    Instant ping_at = kNever;
    Instant pinged{};
    std::uint32_t pings_out = 0;
    Duration rtt{0};
  };

  explicit Impl(AcceptContext shared) : context(std::move(shared)) {}

  AcceptContext context;
  std::map<ConnectionId, std::unique_ptr<Leaf>> leafs;

  Leaf* find(ConnectionId connection) {
    const auto at = leafs.find(connection);
    return at == leafs.end() || at->second->gone ? nullptr : at->second.get();
  }

  void send_info(Leaf& leaf, bool connect_info, const User* user) {
    wire::append_info(
        leaf.output,
        accept_info_json(context.config, {.server_id = context.server_id,
                                          .client_id = static_cast<std::uint64_t>(leaf.id),
                                          .client_ip = leaf.info.address,
                                          .nonce = {},
                                          .connect_info = connect_info,
                                          .user = user}));
  }

  void flush(Leaf& leaf) {
    if (!leaf.output.empty()) {
      context.outbox.push(SendBytes{leaf.id, std::exchange(leaf.output, {})});
    }
  }

  /// `error` may be empty. The leaf is forgotten at the end of the input: it may be the one whose
  /// bytes are being read.
  void close(Leaf& leaf, std::string_view error, std::string_view reason) {
    if (leaf.gone) {
      return;
    }
    if (!error.empty()) {
      wire::append_err(leaf.output, error);
    }
    flush(leaf);
    context.outbox.push(CloseConnection{leaf.id, std::string(reason)});
    leaf.gone = true;
    leaf.session.end();
  }

  void sweep() {
    std::erase_if(leafs, [](const auto& entry) { return entry.second->gone; });
  }

  void receive(Leaf& leaf, std::string_view bytes, Instant now) {
    while (!leaf.gone) {
      const auto result = leaf.parser.next(bytes);
      if (result == wire::Parser::Result::more) {
        return;
      }
      if (result == wire::Parser::Result::error) {
        close(leaf, parse_error_text(leaf.parser.error()), "Protocol Violation");
        return;
      }
      const wire::Command& command = leaf.parser.command();
      if (leaf.joined) {
        joined_command(leaf, command, now);
      } else if (command.verb == wire::Verb::connect) {
        join(leaf, command.text, now);
      } else if (command.verb != wire::Verb::info) {
        close(leaf, "Authorization Violation", "Authentication Failure");
      }
    }
  }

  void join(Leaf& leaf, std::string_view text, Instant now) {
    std::optional<LeafConnect> connect = parse_leaf_connect(text);
    if (!connect) {
      close(leaf, {}, "Protocol Violation");
      return;
    }
    if (connect->has_lang) {
      close(leaf, "attempted to connect to leaf node port", "Incorrect Port");
      return;
    }
    const Verdict verdict = authenticate(context.config, *connect);
    if (!verdict.accepted) {
      close(leaf, "Authorization Violation", "Authentication Failure");
      return;
    }
    if (!connect->cluster.empty() && connect->cluster == context.config.name) {
      close(leaf, "remote leafnode has same cluster name", "Cluster Names Identical");
      return;
    }
    evict_duplicates(leaf, *connect);
    leaf.connect = std::move(*connect);
    leaf.joined = true;
    leaf.connect_by = kNever;
    leaf.ping_at = now + first_ping_after;
    grant(leaf, verdict.user);
    send_info(leaf, true, verdict.user);
    leaf.session.set_peer(leaf.connect.headers, context.config.payload_bytes_max);
    leaf.session.begin();
  }

  /// The new connection wins: the old one is what a device left behind when its network changed.
  void evict_duplicates(const Leaf& newcomer, const LeafConnect& connect) {
    if (connect.name.empty()) {
      return;
    }
    for (const auto& [id, other] : leafs) {
      if (other.get() != &newcomer && other->joined && !other->gone &&
          other->connect.name == connect.name && other->connect.cluster == connect.cluster &&
          other->connect.remote_account == connect.remote_account) {
        close(*other, "Duplicate Remote LeafNode Connection",
              "Duplicate Remote LeafNode Connection");
      }
    }
  }

  static void grant(Leaf& leaf, const User* user) {
    SubjectRights send = user != nullptr ? user->subscribe : SubjectRights{};
    send.deny.insert(send.deny.end(), leaf.connect.deny.deny.begin(), leaf.connect.deny.deny.end());
    std::optional<SubjectRights> publish;
    std::optional<SubjectRights> subscribe;
    if (user != nullptr) {
      publish = user->publish;
      subscribe = user->subscribe;
    }
    leaf.rights.set_permissions(send, publish);
    leaf.from_leaf.set_permissions(publish, subscribe);
  }

  void joined_command(Leaf& leaf, const wire::Command& command, Instant now) {
    switch (command.verb) {
      case wire::Verb::ping:
        wire::append_pong(leaf.output);
        break;
      case wire::Verb::pong:
        leaf.pings_out = 0;
        leaf.rtt = now - leaf.pinged;
        break;
      case wire::Verb::interest:
        subscribe(leaf, command);
        break;
      case wire::Verb::interest_gone:
        leaf.session.unsubscribe(command.subject, command.queue);
        break;
      case wire::Verb::routed:
        message(leaf, command);
        break;
      default:
        break;  // A second CONNECT or an INFO says nothing that we would act on.
    }
  }

  void subscribe(Leaf& leaf, const wire::Command& command) {
    const std::string subject(command.subject);
    if (!subject::valid(subject)) {
      wire::append_err(leaf.output, "Invalid Subscription");
      return;
    }
    if (!subject.starts_with("$LDS.") && !subject::has_wildcards(subject) &&
        !leaf.from_leaf.permits_listen(subject, command.queue)) {
      close(leaf, "Permissions Violation for Subscription to \"" + subject + "\"",
            "Protocol Violation");
      return;
    }
    if (!leaf.session.subscribe(subject, command.queue, command.weight)) {
      close(leaf,
            "Loop detected for leafnode account=\"$G\". Delaying attempt to reconnect for 30s",
            "Protocol Violation");
    }
  }

  void message(Leaf& leaf, const wire::Command& command) {
    if (!leaf.from_leaf.permits_send(command.message.subject)) {
      close(leaf,
            "Permissions Violation for Publish to \"" + std::string(command.message.subject) + "\"",
            "Protocol Violation");
      return;
    }
    leaf.session.message(command.message, command.queues);
  }

  void tick(Leaf& leaf, Instant now) {
    if (leaf.connect_by <= now) {
      close(leaf, "Authentication Timeout", "Authentication Timeout");
      return;
    }
    if (leaf.ping_at > now) {
      return;
    }
    if (leaf.pings_out >= context.config.pings_out_max) {
      close(leaf, "Stale Connection", "Stale Connection");
      return;
    }
    ++leaf.pings_out;
    leaf.pinged = now;
    leaf.ping_at = now + context.config.ping_interval;
    wire::append_ping(leaf.output);
  }
};

AcceptedLeafs::AcceptedLeafs(AcceptContext context)
    : impl_(std::make_unique<Impl>(std::move(context))) {}
AcceptedLeafs::~AcceptedLeafs() = default;

bool AcceptedLeafs::owns(ConnectionId connection) const {
  return impl_->find(connection) != nullptr;
}

void AcceptedLeafs::connected(ConnectionId connection, const ConnectionInfo& info, Instant now) {
  auto leaf = std::make_unique<Impl::Leaf>(*impl_, connection, info);
  leaf->connect_by = now + impl_->context.config.auth_timeout;
  impl_->send_info(*leaf, false, nullptr);
  impl_->leafs[connection] = std::move(leaf);
}

void AcceptedLeafs::received(ConnectionId connection, std::string_view bytes, Instant now) {
  if (Impl::Leaf* leaf = impl_->find(connection)) {
    impl_->receive(*leaf, bytes, now);
    impl_->sweep();
  }
}

void AcceptedLeafs::closed(ConnectionId connection) {
  if (Impl::Leaf* leaf = impl_->find(connection)) {
    leaf->gone = true;
    leaf->session.end();
    impl_->sweep();
  }
}

void AcceptedLeafs::tick(Instant now) {
  for (const auto& [id, leaf] : impl_->leafs) {
    impl_->tick(*leaf, now);
  }
  impl_->sweep();
}

void AcceptedLeafs::flush() {
  for (const auto& [id, leaf] : impl_->leafs) {
    impl_->flush(*leaf);
  }
}

Instant AcceptedLeafs::next_deadline() const {
  Instant next = kNever;
  for (const auto& [id, leaf] : impl_->leafs) {
    next = std::min({next, leaf->connect_by, leaf->ping_at});
  }
  return next;
}

std::size_t AcceptedLeafs::count() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(impl_->leafs, [](const auto& entry) { return entry.second->joined; }));
}

void AcceptedLeafs::each(const std::function<void(const LeafRow&)>& visit) const {
  for (const auto& [id, leaf] : impl_->leafs) {
    if (leaf->joined) {
      visit({.connection = id,
             .name = leaf->connect.name,
             .address = leaf->info.address,
             .is_spoke = true,
             .traffic = leaf->session.traffic(),
             .subscriptions = leaf->session.peer_interest_count(),
             .rtt = leaf->rtt});
    }
  }
}

void AcceptedLeafs::shutdown() {
  for (const auto& [id, leaf] : impl_->leafs) {
    impl_->close(*leaf, {}, "Server Shutdown");
  }
  impl_->sweep();
}

}  // namespace frond::leaf
