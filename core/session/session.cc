#include "session/session.h"

#include "access/login.h"
#include "base/assert.h"
#include "base/limits.h"
#include "session/reserved.h"
#include "subject/validity.h"
#include "wire/headers.h"
#include "wire/quote.h"
#include "wire/trace_header.h"
#include "wire/writer.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace frond::session {
namespace {

// The group by which direct gets are shared among a node's own answerers (CP-22).
constexpr std::string_view internal_queue = "_sys_";

}  // namespace

Session::Session(ConnectionId id, const ConnectionInfo& info, const Node& node, Instant now)
    : node_(node),
      info_(info),
      output_(id, node.dirty, node.config.pending_bytes_max),
      parser_(wire::Dialect::client,
              {node.config.control_line_bytes_max, node.config.payload_bytes_max}),
      started_(now),
      pings_(now) {}

Session::~Session() { node_.router.remove_sink(*this); }

void Session::start(Instant now) {
  if (auth_required() && access::has_nkeys(node_.config)) {
    nonce_ = access::make_nonce(node_.entropy);
  }
  send_info(false, nonce_);
  if (auth_required()) {
    auth_until_ = now + node_.config.auth_timeout;
  }
  pings_.schedule(now, node_.config.ping_interval, node_.entropy);
}

void Session::receive(std::string_view bytes, Instant now) {
  while (!output_.closing() && !bytes.empty()) {
    if (secret_.pending()) {
      if (!secret_.keep(bytes)) {
        refuse_auth();
      }
      return;
    }
    if (parser_.at_start() && awaiting_auth() && bytes.front() != 'C' && bytes.front() != 'c' &&
        !admit_without_connect()) {
      refuse_auth();
      return;
    }
    switch (parser_.next(bytes)) {
      case wire::Parser::Result::command:
        // Asked again: the users may have changed since the command's first byte.
        if (parser_.command().verb != wire::Verb::connect && awaiting_auth() &&
            !admit_without_connect()) {
          return refuse_auth();
        }
        handle(parser_.command(), now);
        break;
      case wire::Parser::Result::more:
        return;
      case wire::Parser::Result::error:
        handle_parse_error(parser_.error());
        return;
    }
  }
}

void Session::handle(const wire::Command& command, Instant now) {
  switch (command.verb) {
    case wire::Verb::publish:
      return handle_publish(command.message, now);
    case wire::Verb::subscribe:
      return handle_subscribe(command, now);
    case wire::Verb::unsubscribe:
      return handle_unsubscribe(command, now);
    case wire::Verb::ping:
      return handle_ping(now);
    case wire::Verb::pong:
      return pings_.pong(now);
    case wire::Verb::connect:
      return handle_connect(command.text, now);
    case wire::Verb::err:
      // A client that reports an error of its own has given up.
      return output_.close("Parse Error");
    case wire::Verb::info:
    case wire::Verb::ok:
      return;  // Servers say these; from a client they mean nothing.
    case wire::Verb::interest:
    case wire::Verb::interest_gone:
    case wire::Verb::routed:
      break;
  }
  FROND_ASSERT(false);  // The parser's client dialect has no such verbs.
}

void Session::handle_ping(Instant now) {
  pings_.activity(now);
  output_.write(wire::append_pong);
  if (connect_received_ && !std::exchange(first_pong_sent_, true) && options_.protocol >= 1) {
    send_info(true);
  }
}

void Session::handle_publish(const base::Message& message, Instant now) {
  pings_.activity(now);
  ++traffic_.in_msgs;
  traffic_.in_bytes += message.header.size() + message.payload.size();
  if (options_.pedantic && !subject::valid_literal(message.subject)) {
    send_err("Invalid Publish Subject");  // And yet it is published, as nats-server does.
  }
  if (is_reserved_subject(message.subject) || !may_publish(message.subject, now)) {
    send_err("Permissions Violation for Publish to " + wire::quoted(message.subject));
    return;
  }
  if (is_reserved_reply(message.reply) || !may_ask_for_reply(message.reply)) {
    send_err("Permissions Violation for Publish with Reply of " + wire::quoted(message.reply));
    return;
  }
  if (options_.verbose) {
    send_ok();
  }
  const std::size_t receivers = wire::is_trace_only(message.header)
                                    ? (node_.router.has_interest(message.subject) ? 1 : 0)
                                    : node_.router.publish({.message = message,
                                                            .target = message.subject,
                                                            .from = this,
                                                            .echo = options_.echo});
  if (receivers == 0 && !message.reply.empty() && options_.no_responders) {
    send_no_responders(message);
  }
}

/// To ourselves only, and only when we listen for the reply (CP-12).
void Session::send_no_responders(const base::Message& message) {
  const std::string header = wire::header_block("503", "", {{"Nats-Subject", message.subject}});
  node_.router.deliver_to(*this, message.reply, {message.reply, {}, header, {}});
}

void Session::handle_subscribe(const wire::Command& command, Instant now) {
  pings_.activity(now);
  if (command.queue == internal_queue ||
      (restricted_ && !permissions_.may_subscribe(command.subject, command.queue))) {
    send_err(subscription_violation(command.subject, command.queue));
    return;
  }
  const std::size_t configured = node_.config.subscriptions_max;
  if (subscriptions_.size() >= base::subscriptions_per_connection_max ||
      (configured > 0 && subscriptions_.size() >= configured)) {
    send_err("maximum subscriptions exceeded");
    return;
  }
  if (!subscriptions_.contains(command.sid)) {
    if (!subject::valid(command.subject)) {
      send_err("Invalid Subject");
      return;
    }
    Own& own = subscriptions_[std::string(command.sid)];
    own.subject = command.subject;
    own.queue = command.queue;
    own.filtered = restricted_ && permissions_.filters_deliveries(command.subject, command.queue);
    own.id = node_.router.subscribe(*this, command.subject, command.queue, command.sid);
  }
  if (options_.verbose) {
    send_ok();
  }
}

void Session::handle_unsubscribe(const wire::Command& command, Instant now) {
  pings_.activity(now);
  const auto own = subscriptions_.find(command.sid);
  if (own != subscriptions_.end()) {
    if (command.max > own->second.delivered) {
      own->second.max = command.max;
    } else {
      drop_subscription(own);
    }
  }
  if (options_.verbose) {
    send_ok();
  }
}

void Session::handle_parse_error(wire::ParseError error) {
  switch (error) {
    case wire::ParseError::control_line_too_long:
      return fail("maximum control line exceeded", "Maximum Control Line Exceeded");
    case wire::ParseError::payload_too_large:
      return fail("Maximum Payload Violation", "Maximum Message Payload Exceeded");
    case wire::ParseError::headers_not_supported:
      // CP-11's text stays in the server's log: the client sees the connection end.
      return output_.close("Protocol Violation");
    case wire::ParseError::unknown_operation:
      return fail("Unknown Protocol Operation", "Protocol Violation");
    case wire::ParseError::bad_arguments:
    case wire::ParseError::none:
      return output_.close("Protocol Violation");
  }
}

void Session::hold(bool hold, Instant now) {
  if (hold) {
    pings_.rest();
  } else {
    pings_.schedule(now, node_.config.ping_interval, node_.entropy);
  }
}

void Session::tick(Instant now) {
  if (output_.closing()) {
    return;
  }
  if (now >= auth_until_) {
    auth_until_ = kNever;
    fail("Authentication Timeout", "Authentication Timeout");
    return;
  }
  switch (pings_.due(now, node_.config.ping_interval, node_.config.pings_out_max)) {
    case PingClock::Due::nothing:
      return;
    case PingClock::Due::ping:
      return output_.write(wire::append_ping);
    case PingClock::Due::stale:
      return fail("Stale Connection", "Stale Connection");
  }
}

Instant Session::next_deadline() const {
  return output_.closing() ? kNever : std::min(auth_until_, pings_.next_deadline());
}

void Session::send_err(std::string_view text) {
  output_.write([text](std::string& out) { wire::append_err(out, text); });
}
void Session::send_ok() { output_.write(wire::append_ok); }

void Session::fail(std::string_view text, std::string_view reason) {
  send_err(text);
  output_.close(reason);
}

void Session::drop_subscription(Subscriptions::iterator own) {
  const route::SubscriptionId id = own->second.id;
  subscriptions_.erase(own);
  node_.router.unsubscribe(id);
}

void Session::deliver(const route::Subscription& subscription, const base::Message& message,
                      std::string_view target) {
  if (output_.closing()) {
    return;
  }
  const auto own = subscriptions_.find(subscription.sid);
  if (own == subscriptions_.end() ||
      (own->second.filtered && !permissions_.may_deliver(target, own->second.queue))) {
    return;
  }
  std::optional<std::size_t> written;
  output_.write([&](std::string& out) {
    written = wire::append_message(out, own->first, message, options_.headers);
  });
  if (!written) {
    return;
  }
  if (replies_ && !message.reply.empty() && !permissions_.may_publish(message.reply)) {
    replies_->grant(message.reply, node_.now);
  }
  ++traffic_.out_msgs;
  traffic_.out_bytes += *written;
  if (++own->second.delivered == own->second.max) {
    drop_subscription(own);
  }
}

bool Session::forward(const base::Message&, std::string_view, bool,
                      std::span<const std::string_view>) {
  FROND_ASSERT(false);  // Only links are forwarded to.
  return false;
}

void Session::each_subscription(
    const std::function<void(std::string_view, std::string_view, std::string_view)>& visit) const {
  for (const auto& [sid, own] : subscriptions_) {
    visit(own.subject, own.queue, sid);
  }
}

}  // namespace frond::session
