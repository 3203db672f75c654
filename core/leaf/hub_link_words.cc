// What the hub says on the link: the handshake, its interest, messages, signs of life, errors.

#include "base/limits.h"
#include "leaf/handshake.h"
#include "leaf/hub_link.h"
#include "wire/writer.h"

#include <algorithm>
#include <utility>

namespace frond::leaf {

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
  status_.hub_id = hub.server_id;
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
    patience_ = proved_patience_ = std::clamp((now - dialled_at_) * base::link_patience_factor,
                                              base::link_patience_min, base::link_patience_max);
    backoff_.accepted(now);
    // Both take at least a round trip, and either may take long for reasons of its own.
    keep_alive_.start(now, std::min(opened_at_ - dialled_at_, now - greeted_at_));
    const auto odd = domain_cause(*config_.hub, status_.hub_domain);
    blame(odd ? odd->code : std::string_view(), odd ? odd->text : std::string());
    set_state(LinkState::online, now);
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

}  // namespace frond::leaf
