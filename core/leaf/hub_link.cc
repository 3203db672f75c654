#include "leaf/hub_link.h"

#include "base/limits.h"
#include "leaf/refusal.h"
#include "wire/writer.h"

#include <algorithm>
#include <utility>

namespace frond::leaf {

namespace {

constexpr RefusalPauses refusal_pauses{.first = base::link_refused_pause_first,
                                       .last = base::link_pause_max};

}  // namespace

HubLink::HubLink(const Config& config, route::Router& router, InterestTable& interest,
                 Entropy& entropy, const Signer* signer, Outbox& outbox,
                 std::function<ConnectionId()> next_id, std::string_view loop_guard, Instant now)
    : config_(config),
      signer_(signer),
      outbox_(outbox),
      next_id_(std::move(next_id)),
      backoff_(entropy, now),
      rights_(config.domain),
      output_(ConnectionId{}, dirty_, config.pending_bytes_max),
      session_(route::SinkKind::hub, router, interest, rights_, loop_guard, output_) {
  status_.since = now;
  session_.set_request_listener([this](std::string_view) { asked_ = true; });
  if (config_.hub) {
    set_state(LinkState::offline, {}, now);
    dial_now(now);
  }
}

bool HubLink::owns(ConnectionId connection) const {
  return connection_ == connection && connection != ConnectionId{};
}

void HubLink::connected(ConnectionId connection, Instant now) {
  if (!owns(connection) || phase_ != Phase::dialling) {
    return;
  }
  phase_ = Phase::await_info;
  opened_at_ = now;
  give_up_at_ = now + patience_;
  parser_.emplace(wire::Dialect::leaf,
                  wire::ParserLimits{base::hub_control_line_bytes_max, config_.payload_bytes_max});
  parser_->allow_headers(true);
}

void HubLink::closed(ConnectionId connection, std::string_view cause, Instant now) {
  if (!owns(connection) || phase_ == Phase::none) {
    return;
  }
  // What the hub said before it closed is better than any close code.
  lost(peer_error_.empty() ? std::string(cause) : peer_error_, now);
}

void HubLink::network_hint(bool online, Instant now) {
  backoff_.network(online);
  if (phase_ == Phase::online) {
    probe(now);
    return;
  }
  if (!online || status_.state == LinkState::none || status_.state == LinkState::paused) {
    return;
  }
  backoff_.hope(now);
  if (phase_ != Phase::none) {
    // What was sent into a network that was not there is sent again by nobody for seconds.
    if (now - std::max(dialled_at_, last_heard_) < base::link_dial_fresh) {
      return;
    }
    cut("dialled before the network came back", now);
  }
  dial_now(now);
}

void HubLink::pause(Instant now) {
  if (status_.state == LinkState::none || status_.state == LinkState::paused) {
    return;
  }
  if (phase_ != Phase::none) {
    cut("paused", now);
  }
  dial_at_ = kNever;
  set_state(LinkState::paused, {}, now);
}

void HubLink::resume(Instant now) {
  if (status_.state != LinkState::paused) {
    return;
  }
  backoff_.hope(now);
  set_state(LinkState::offline, {}, now);
  dial_now(now);
}

void HubLink::hold(bool hold, Instant now) {
  caught_up_at_ = hold ? kNever : now + base::held_catch_up;
  if (hold) {
    keep_alive_.stop();
  } else if (phase_ == Phase::online) {
    keep_alive_.resume(now);
  }
}

void HubLink::probe(Instant now) {
  if (phase_ == Phase::online && !behind(now) && keep_alive_.probe(now)) {
    output_.write(wire::append_ping);
  }
}

bool HubLink::sent(ConnectionId connection, std::uint64_t bytes, Instant now) {
  if (!owns(connection)) {
    return false;
  }
  const bool room = output_.sent(bytes);
  // With more behind it, it went because the hub has read: what is between us and the hub is full.
  if (bytes > 0 && output_.pending_bytes() > 0) {
    keep_alive_.moved(now);
  }
  return room;
}

Instant HubLink::next_deadline() const {
  return std::min({dial_at_, give_up_at_, keep_alive_.next_deadline()});
}

void HubLink::set_state(LinkState state, std::string cause, Instant now) {
  if (state == status_.state && cause == status_.cause) {
    return;
  }
  status_.state = state;
  status_.cause = std::move(cause);
  status_.since = now;
  if (listener_ != nullptr) {
    listener_->on_link(status_, now);
  }
}

void HubLink::dial_now(Instant now) {
  dial_at_ = now;
  dial_if_due(now);
}

void HubLink::dial_if_due(Instant now) {
  if (phase_ != Phase::none || dial_at_ > now || !config_.hub) {
    return;
  }
  dial_at_ = kNever;
  dialled_at_ = now;
  phase_ = Phase::dialling;
  connection_ = next_id_();
  output_.restart(connection_);
  give_up_at_ = now + patience_;
  peer_error_.clear();
  outbox_.push(DialHub{connection_, config_.hub->url});
  set_state(LinkState::connecting, status_.cause, now);
}

void HubLink::lost(std::string cause, Instant now) {
  phase_ = Phase::none;
  parser_.reset();
  output_.restart({});
  session_.end();
  give_up_at_ = kNever;
  caught_up_at_ = {};
  keep_alive_.stop();
  const bool refusal = is_refusal(cause);
  dial_at_ =
      now + (refusal ? backoff_.after_refusal(refusal_pauses, now) : backoff_.after_loss(now));
  set_state(refusal ? LinkState::refused : LinkState::offline, std::move(cause), now);
}

void HubLink::cut(std::string cause, Instant now) {
  output_.close(cause);
  flush(now);
}

bool HubLink::flush(Instant now) {
  if (phase_ == Phase::online && !behind(now)) {
    if (asked_) {
      keep_alive_.asked(now);
    }
    keep_alive_.wrote(output_.written_to());
    if (keep_alive_.far_ahead() && keep_alive_.ping(now)) {
      output_.write(wire::append_ping);
    }
  }
  asked_ = false;
  return dirty_.flush(outbox_, [this, now](ConnectionId) { lost(output_.close_reason(), now); });
}

void HubLink::received(ConnectionId connection, std::string_view bytes, Instant now) {
  if (!owns(connection) || phase_ == Phase::none || phase_ == Phase::dialling) {
    return;
  }
  last_heard_ = now;
  if (phase_ != Phase::online) {
    // A slow network may take long over a large set of interest; progress is what counts.
    give_up_at_ = now + patience_;
  } else {
    keep_alive_.heard(now);
  }
  while (parser_ && !output_.closing()) {
    const auto result = parser_->next(bytes);
    if (result == wire::Parser::Result::more) {
      return;
    }
    if (result == wire::Parser::Result::error) {
      cut("the hub sent what is not the leaf protocol", now);
      return;
    }
    command(parser_->command(), now);
  }
}

void HubLink::command(const wire::Command& command, Instant now) {
  switch (command.verb) {
    case wire::Verb::info:
      info(command.text, now);
      break;
    case wire::Verb::ping:
      // Before CONNECT nothing may be sent at all (leafnode-protocol 3).
      if (phase_ != Phase::await_info) {
        output_.write(wire::append_pong);
      }
      break;
    case wire::Verb::pong:
      pong(now);
      break;
    case wire::Verb::err:
      error(command.text, now);
      break;
    case wire::Verb::interest:
      if (!session_.subscribe(command.subject, command.queue, command.weight)) {
        cut("Loop detected: the hub announced our own loop guard", now);
      }
      break;
    case wire::Verb::interest_gone:
      session_.unsubscribe(command.subject, command.queue);
      break;
    case wire::Verb::routed:
      session_.message(command.message, command.queues);
      break;
    default:
      break;
  }
}

void HubLink::info(std::string_view text, Instant now) {
  const std::optional<HubInfo> hub = parse_hub_info(text);
  if (!hub) {
    cut("the hub's INFO is no JSON", now);
    return;
  }
  if (phase_ == Phase::await_info) {
    greet(*hub, now);
    return;
  }
  if (!hub->connect_info || session_.active()) {
    return;  // A cluster member came or went: nothing that concerns a browser.
  }
  rights_.set_permissions(hub->export_rights, hub->import_rights);
  begin(*hub);
}

void HubLink::greet(const HubInfo& hub, Instant now) {
  if (!hub.is_leaf) {
    cut("Wrong Port: the hub's URL leads to its client listener, its path must be /leafnode", now);
    return;
  }
  if (!hub.cluster.empty() && hub.cluster == config_.name) {
    cut("remote leafnode has same cluster name", now);
    return;
  }
  status_.hub_name = hub.server_name;
  status_.hub_version = hub.version;
  status_.hub_domain = hub.domain;
  rights_.set_permissions(std::nullopt, std::nullopt);
  const std::string connect = leaf_connect_json(config_, *config_.hub, signer_, hub.nonce);
  output_.write([&connect](std::string& out) {
    wire::append_connect(out, connect);
    wire::append_ping(out);
  });
  phase_ = Phase::await_pong;
  greeted_at_ = now;
  if (!hub.info_on_connect) {
    begin(hub);
  }
}

void HubLink::begin(const HubInfo& hub) {
  const std::size_t payload = static_cast<std::size_t>(hub.payload_bytes_max);
  session_.set_peer(hub.headers, payload);
  // A hub may deliver what is larger than we accept from our own clients.
  parser_->set_payload_bytes_max(std::max<std::size_t>(payload, config_.payload_bytes_max) +
                                 base::header_bytes_max);
  session_.begin();
}

void HubLink::pong(Instant now) {
  keep_alive_.pong(now);
  if (phase_ == Phase::await_pong) {
    if (!session_.active()) {
      return;  // The PONG of a hub that has not yet let us in cannot be the barrier.
    }
    phase_ = Phase::online;
    give_up_at_ = kNever;
    patience_ = std::clamp((now - dialled_at_) * base::link_patience_factor,
                           base::link_patience_min, base::link_patience_max);
    backoff_.accepted(now);
    // Both take at least a round trip, and either may take long for reasons of its own.
    keep_alive_.start(now, std::min(opened_at_ - dialled_at_, now - greeted_at_));
    set_state(LinkState::online, {}, now);
  }
}

void HubLink::error(std::string_view text, Instant now) {
  // This one comes without a close; everything else ends the link, sooner or later.
  if (text.starts_with("Invalid Subscription")) {
    return;
  }
  peer_error_ = text;
  if (is_refusal(text)) {
    cut(peer_error_, now);
  }
}

void HubLink::tick(Instant now) {
  if (give_up_at_ <= now) {
    patience_ = std::min(patience_ * 2, base::link_patience_max);
    cut(phase_ == Phase::dialling ? "the hub does not answer" : "the handshake takes too long",
        now);
  }
  if (phase_ == Phase::online) {
    if (keep_alive_.stale(now)) {
      cut("Stale Connection", now);
    } else if (keep_alive_.probe_due(now)) {
      probe(now);
    } else if (keep_alive_.ping_due(now) && keep_alive_.ping(now)) {
      output_.write(wire::append_ping);
    }
  }
  dial_if_due(now);
}

}  // namespace frond::leaf
