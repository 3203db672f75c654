#include "leaf/hub_link.h"

#include "base/assert.h"
#include "base/limits.h"
#include "base/time_text.h"
#include "leaf/backoff.h"
#include "leaf/handshake.h"
#include "wire/json_reader.h"
#include "wire/parser.h"
#include "wire/writer.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

namespace frond::leaf {

namespace {

/// Close reasons and -ERR texts after which the hub will say the same again: a long pause, and the
/// app is told why (LF-05). Hosts report close reasons as they got them.
bool is_refusal(std::string_view cause) {
  if (cause.find("Authentication Timeout") != std::string_view::npos) {
    return false;  // A slow network, not a wrong password.
  }
  static constexpr std::array marks = {
      std::string_view("Authorization Violation"),
      std::string_view("Authentication"),
      std::string_view("Permissions Violation"),
      std::string_view("Loop detected"),
      std::string_view("same cluster name"),
      std::string_view("Cluster Names Identical"),
      std::string_view("minimum version required"),
      std::string_view("Credentials Revoked"),
      std::string_view("Incorrect Port"),
      std::string_view("maximum account active"),
      std::string_view("Wrong Port"),
  };
  return std::ranges::any_of(
      marks, [&](std::string_view mark) { return cause.find(mark) != std::string_view::npos; });
}

enum class Phase : std::uint8_t {
  none,        // No connection.
  dialling,    // DialHub is out.
  await_info,  // Open; the hub speaks first.
  await_pong,  // CONNECT and PING are out.
  online,
};

}  // namespace

std::string_view link_state_name(LinkState state) {
  static constexpr std::array names = {std::string_view("none"),       std::string_view("offline"),
                                       std::string_view("connecting"), std::string_view("online"),
                                       std::string_view("refused"),    std::string_view("paused")};
  return names[static_cast<std::size_t>(state)];
}

std::string link_status_json(const LinkStatus& status) {
  wire::Json json = wire::Json::object();
  json["state"] = link_state_name(status.state);
  if (!status.cause.empty()) {
    json["cause"] = status.cause;
  }
  json["since"] = base::rfc3339_format(status.since);
  if (!status.hub_name.empty()) {
    json["hub"] = {{"name", status.hub_name}, {"version", status.hub_version}};
    if (!status.hub_domain.empty()) {
      json["hub"]["domain"] = status.hub_domain;
    }
  }
  return wire::print_json(json);
}

struct HubLink::Impl {
  Impl(const Config& node, route::Router& router, InterestTable& interest, Entropy& entropy,
       const Signer* host_signer, Outbox& out, std::function<ConnectionId()> ids,
       std::string_view loop_guard, Instant now)
      : config(node),
        signer(host_signer),
        outbox(out),
        next_id(std::move(ids)),
        backoff(entropy),
        rights(node.domain),
        session(route::SinkKind::hub, router, interest, rights, loop_guard, output) {
    status.since = now;
    if (config.hub) {
      set_state(LinkState::offline, {}, now);
      dial_at = now;
      dial_if_due(now);
    }
  }

  const Config& config;
  const Signer* signer;
  Outbox& outbox;
  std::function<ConnectionId()> next_id;
  LinkListener* listener = nullptr;
  Backoff backoff;
  LinkRights rights;
  std::string output;
  LeafSession session;
  LinkStatus status;
  Phase phase = Phase::none;
  ConnectionId connection{};
  std::optional<wire::Parser> parser;
  std::string peer_error;  // The last -ERR: the cause of the close that follows.
  Instant dial_at = kNever;
  Instant give_up_at = kNever;  // While dialling and shaking hands.
  Instant ping_at = kNever;
  Instant pong_by = kNever;  // Set while a PING of ours is out.
  Instant online_since{};
  Instant last_heard{};

  void set_state(LinkState state, std::string cause, Instant now) {
    if (state == status.state && cause == status.cause) {
      return;
    }
    status.state = state;
    status.cause = std::move(cause);
    status.since = now;
    if (listener != nullptr) {
      listener->on_link(status, now);
    }
  }

  void dial_if_due(Instant now) {
    if (phase != Phase::none || dial_at > now || !config.hub) {
      return;
    }
    dial_at = kNever;
    phase = Phase::dialling;
    connection = next_id();
    give_up_at = now + base::link_connect_timeout;
    peer_error.clear();
    outbox.push(DialHub{connection, config.hub->url});
    set_state(LinkState::connecting, status.cause, now);
  }

  /// The connection is over, whoever ended it; plans the next try.
  void lost(std::string cause, Instant now) {
    const bool was_online = phase == Phase::online;
    phase = Phase::none;
    parser.reset();
    output.clear();
    session.end();
    give_up_at = ping_at = pong_by = kNever;
    if (was_online && now - online_since >= base::link_steady_after) {
      backoff.reset();
    }
    const bool refusal = is_refusal(cause);
    dial_at = now + (refusal ? base::link_refused_pause : backoff.next());
    set_state(refusal ? LinkState::refused : LinkState::offline, std::move(cause), now);
  }

  void cut(std::string cause, Instant now) {
    flush();
    outbox.push(CloseConnection{connection, cause});
    lost(std::move(cause), now);
  }

  void flush() {
    if (!output.empty() && phase != Phase::none) {
      outbox.push(SendBytes{connection, std::exchange(output, {})});
    }
  }

  void receive(std::string_view bytes, Instant now) {
    if (phase == Phase::none || phase == Phase::dialling) {
      return;
    }
    last_heard = now;
    if (phase != Phase::online) {
      // A slow network may take long over a large set of interest; progress is what counts.
      give_up_at = now + base::link_connect_timeout;
    } else if (pong_by != kNever) {
      // Our PONG may stand behind many megabytes: whoever sends is not gone.
      pong_by = now + base::link_pong_timeout;
    }
    while (parser) {
      const auto result = parser->next(bytes);
      if (result == wire::Parser::Result::more) {
        return;
      }
      if (result == wire::Parser::Result::error) {
        cut("the hub sent what is not the leaf protocol", now);
        return;
      }
      command(parser->command(), now);
    }
  }

  void command(const wire::Command& command, Instant now) {
    switch (command.verb) {
      case wire::Verb::info:
        info(command.text, now);
        break;
      case wire::Verb::ping:
        // Before CONNECT nothing may be sent at all (leafnode-protocol 3).
        if (phase != Phase::await_info) {
          wire::append_pong(output);
        }
        break;
      case wire::Verb::pong:
        pong(now);
        break;
      case wire::Verb::err:
        error(command.text, now);
        break;
      case wire::Verb::interest:
        if (!session.subscribe(command.subject, command.queue, command.weight)) {
          cut("Loop detected: the hub announced our own loop guard", now);
        }
        break;
      case wire::Verb::interest_gone:
        session.unsubscribe(command.subject, command.queue);
        break;
      case wire::Verb::routed:
        session.message(command.message, command.queues);
        break;
      default:
        break;
    }
  }

  void info(std::string_view text, Instant now) {
    const std::optional<HubInfo> hub = parse_hub_info(text);
    if (!hub) {
      cut("the hub's INFO is no JSON", now);
      return;
    }
    if (phase == Phase::await_info) {
      greet(*hub, now);
      return;
    }
    if (!hub->connect_info || session.active()) {
      return;  // A cluster member came or went: nothing that concerns a browser.
    }
    rights.set_permissions(hub->export_rights, hub->import_rights);
    begin(*hub);
  }

  void greet(const HubInfo& hub, Instant now) {
    if (!hub.is_leaf) {
      cut("Wrong Port: the hub's URL leads to its client listener, its path must be /leafnode",
          now);
      return;
    }
    if (!hub.cluster.empty() && hub.cluster == config.name) {
      cut("remote leafnode has same cluster name", now);
      return;
    }
    status.hub_name = hub.server_name;
    status.hub_version = hub.version;
    status.hub_domain = hub.domain;
    rights.set_permissions(std::nullopt, std::nullopt);
    wire::append_connect(output, leaf_connect_json(config, *config.hub, signer, hub.nonce));
    wire::append_ping(output);
    phase = Phase::await_pong;
    if (!hub.info_on_connect) {
      begin(hub);
    }
  }

  void begin(const HubInfo& hub) {
    const std::size_t payload = static_cast<std::size_t>(hub.payload_bytes_max);
    session.set_peer(hub.headers, payload);
    // A hub may deliver what is larger than we accept from our own clients.
    parser->set_payload_bytes_max(std::max<std::size_t>(payload, config.payload_bytes_max) +
                                  base::header_bytes_max);
    session.begin();
  }

  void pong(Instant now) {
    pong_by = kNever;
    if (phase == Phase::await_pong) {
      if (!session.active()) {
        return;  // The PONG of a hub that has not yet let us in cannot be the barrier.
      }
      phase = Phase::online;
      give_up_at = kNever;
      online_since = now;
      ping_at = now + base::link_ping_interval;
      set_state(LinkState::online, {}, now);
    }
  }

  void error(std::string_view text, Instant now) {
    // This one comes without a close; everything else ends the link, sooner or later.
    if (text.starts_with("Invalid Subscription")) {
      return;
    }
    peer_error = text;
    if (is_refusal(text)) {
      cut(peer_error, now);
    }
  }

  void probe(Duration timeout, Instant now) {
    if (pong_by == kNever || pong_by > now + timeout) {
      if (pong_by == kNever) {
        wire::append_ping(output);
      }
      pong_by = now + timeout;
    }
    ping_at = now + base::link_ping_interval;
  }

  void tick(Instant now) {
    if (give_up_at <= now) {
      cut(phase == Phase::dialling ? "the hub does not answer" : "the handshake takes too long",
          now);
    }
    if (phase == Phase::online) {
      if (pong_by <= now) {
        cut("Stale Connection", now);
      } else if (ping_at <= now) {
        probe(base::link_pong_timeout, now);
      }
    }
    dial_if_due(now);
  }
};

HubLink::HubLink(const Config& config, route::Router& router, InterestTable& interest,
                 Entropy& entropy, const Signer* signer, Outbox& outbox,
                 std::function<ConnectionId()> next_id, std::string_view loop_guard, Instant now)
    : impl_(std::make_unique<Impl>(config, router, interest, entropy, signer, outbox,
                                   std::move(next_id), loop_guard, now)) {}
HubLink::~HubLink() = default;

void HubLink::set_listener(LinkListener* listener) { impl_->listener = listener; }
void HubLink::set_synced(const SyncedSubjects* synced) { impl_->session.set_synced(synced); }

bool HubLink::owns(ConnectionId connection) const {
  return impl_->connection == connection && connection != ConnectionId{};
}

void HubLink::connected(ConnectionId connection, Instant now) {
  if (!owns(connection) || impl_->phase != Phase::dialling) {
    return;
  }
  impl_->phase = Phase::await_info;
  impl_->give_up_at = now + base::link_connect_timeout;
  impl_->parser.emplace(
      wire::Dialect::leaf,
      wire::ParserLimits{impl_->config.control_line_bytes_max * base::leaf_control_line_factor,
                         impl_->config.payload_bytes_max});
  impl_->parser->allow_headers(true);
}

void HubLink::received(ConnectionId connection, std::string_view bytes, Instant now) {
  if (owns(connection)) {
    impl_->receive(bytes, now);
  }
}

void HubLink::closed(ConnectionId connection, std::string_view cause, Instant now) {
  if (!owns(connection) || impl_->phase == Phase::none) {
    return;
  }
  // What the hub said before it closed is better than any close code.
  impl_->lost(impl_->peer_error.empty() ? std::string(cause) : impl_->peer_error, now);
}

void HubLink::tick(Instant now) { impl_->tick(now); }

void HubLink::network_hint(bool online, Instant now) {
  if (impl_->phase == Phase::online) {
    impl_->probe(base::link_probe_timeout, now);
  } else if (online && impl_->phase == Phase::none && impl_->status.state != LinkState::none &&
             impl_->status.state != LinkState::paused) {
    impl_->backoff.reset();
    impl_->dial_at = now;
    impl_->dial_if_due(now);
  }
}

void HubLink::pause(Instant now) {
  if (impl_->status.state == LinkState::none || impl_->status.state == LinkState::paused) {
    return;
  }
  if (impl_->phase != Phase::none) {
    impl_->cut("paused", now);
  }
  impl_->dial_at = kNever;
  impl_->set_state(LinkState::paused, {}, now);
}

void HubLink::resume(Instant now) {
  if (impl_->status.state != LinkState::paused) {
    return;
  }
  impl_->backoff.reset();
  impl_->set_state(LinkState::offline, {}, now);
  impl_->dial_at = now;
  impl_->dial_if_due(now);
}

void HubLink::probe(Instant now) {
  if (impl_->phase == Phase::online) {
    impl_->probe(base::link_pong_timeout, now);
  }
}

Instant HubLink::last_heard() const { return impl_->last_heard; }

void HubLink::flush() { impl_->flush(); }

Instant HubLink::next_deadline() const {
  return std::min({impl_->dial_at, impl_->give_up_at, impl_->ping_at, impl_->pong_by});
}

const LinkStatus& HubLink::status() const { return impl_->status; }

DirectSend HubLink::send_direct(std::string_view target, const base::Message& message) {
  return impl_->phase == Phase::online ? impl_->session.send_direct(target, message)
                                       : DirectSend::offline;
}

LeafTraffic HubLink::traffic() const { return impl_->session.traffic(); }

}  // namespace frond::leaf
