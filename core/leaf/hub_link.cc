#include "leaf/hub_link.h"

#include "base/limits.h"
#include "wire/writer.h"

#include <algorithm>
#include <utility>

namespace frond::leaf {

namespace {

/// Without what a URL may say of the user.
std::string shown_url(const std::string& url) {
  const auto scheme = url.find("://");
  const auto from = scheme == std::string::npos ? 0 : scheme + 3;
  const auto at = url.substr(0, url.find('/', from)).rfind('@');
  return at == std::string::npos || at < from ? url : url.substr(0, from) + url.substr(at + 1);
}

}  // namespace

HubLink::HubLink(const Config& config, route::Router& router, InterestTable& interest,
                 Entropy& entropy, const Signer* signer, Outbox& outbox,
                 std::function<ConnectionId()> next_id, std::string_view loop_guard,
                 const base::Clock& clock, Instant now)
    : config_(config),
      signer_(signer),
      outbox_(outbox),
      clock_(clock),
      next_id_(std::move(next_id)),
      backoff_(entropy, now),
      rights_(config.domain),
      output_(ConnectionId{}, dirty_, config.pending_bytes_max),
      session_(route::SinkKind::hub, router, interest, rights_, loop_guard, output_) {
  status_.since = now;
  session_.set_request_listener([this](std::string_view) { asked_ = true; });
  // Without a URL there is none yet: hub_changed() may name one.
  if (config_.hub && !config_.hub->url.empty()) {
    status_.url = shown_url(config_.hub->url);
    set_state(LinkState::offline, now);
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
  lost(peer_error_.empty() ? cause : std::string_view(peer_error_), stage(), now);
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
  patience_ = proved_patience_;
  if (phase_ != Phase::none) {
    // What was sent into a network that was not there is sent again by nobody for seconds.
    if (now - std::max(dialled_at_, last_heard_) < base::link_dial_fresh) {
      give_up_at_ = std::min(give_up_at_, now + patience_);
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
  blame({}, {});
  set_state(LinkState::paused, now);
}

void HubLink::resume(Instant now) {
  if (status_.state != LinkState::paused) {
    return;
  }
  begin_anew(now);
}

void HubLink::begin_anew(Instant now) {
  blame({}, {});
  backoff_.hope(now);
  set_state(LinkState::offline, now);
  dial_now(now);
}

void HubLink::hub_changed(bool elsewhere, Instant now) {
  status_.url = config_.hub ? shown_url(config_.hub->url) : std::string();
  if (status_.state == LinkState::paused) {
    return;
  }
  // Before CONNECT there is time for other credentials.
  if (phase_ != Phase::none && (elsewhere || phase_ == Phase::await_pong)) {
    cut("the hub's configuration has changed", now);
  }
  if (phase_ == Phase::none && config_.hub) {
    begin_anew(now);
  }
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
    keep_alive_.moved(output_.written_to() - output_.pending_bytes(), now);
  }
  return room;
}

Instant HubLink::next_deadline() const {
  return std::min({dial_at_, give_up_at_, keep_alive_.next_deadline()});
}

LinkStage HubLink::stage() const {
  switch (phase_) {
    case Phase::online:
      return LinkStage::online;
    case Phase::await_pong:
      return LinkStage::greeting;
    case Phase::await_info:
      return last_heard_ < opened_at_ ? LinkStage::silent : LinkStage::greeting;
    default:
      return LinkStage::dialling;
  }
}

void HubLink::blame(std::string_view code, std::string text) {
  status_.code = code;
  status_.cause = std::move(text);
}

void HubLink::set_state(LinkState state, Instant now) {
  const auto stretch = [](LinkState of) {
    return of == LinkState::connecting || of == LinkState::refused ? LinkState::offline : of;
  };
  if (stretch(state) != stretch(status_.state)) {
    status_.since = now;
    status_.attempts = 0;
  }
  status_.state = state;
  status_.next = phase_ == Phase::none ? dial_at_ : kNever;
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
  set_state(LinkState::connecting, now);
}

void HubLink::lost(std::string_view said, LinkStage ended, Instant now) {
  const LinkCause why = link_cause(said, ended, config_, clock_.wall(now));
  phase_ = Phase::none;
  parser_.reset();
  output_.restart({});
  session_.end();
  give_up_at_ = kNever;
  caught_up_at_ = {};
  keep_alive_.stop();
  dial_at_ =
      now + (why.refusal ? backoff_.after_refusal(*why.refusal, now) : backoff_.after_loss(now));
  // Whose credentials were withdrawn is told no more than that they are wrong when it comes again.
  const bool told_better =
      why.code == "credentials" && (status_.code == "expired" || status_.code == "revoked");
  if (!told_better) {
    blame(why.code, why.text);
  }
  if (ended != LinkStage::online) {
    ++status_.attempts;
  }
  set_state(why.refusal ? LinkState::refused : LinkState::offline, now);
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
  return dirty_.flush(outbox_, [this, now](ConnectionId) {
    // We have ended it: a hub that has said nothing was given up, it has not sent us away.
    const LinkStage ended = stage() == LinkStage::silent ? LinkStage::greeting : stage();
    lost(std::string(output_.close_reason()), ended, now);
  });
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
