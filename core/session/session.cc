#include "session/session.h"

#include "base/assert.h"
#include "base/base64.h"
#include "base/limits.h"
#include "session/info.h"
#include "subject/validity.h"
#include "wire/headers.h"
#include "wire/quote.h"
#include "wire/trace_header.h"
#include "wire/writer.h"

#include <algorithm>
#include <utility>

namespace frond::session {
namespace {

// The group by which direct gets are shared among a node's own answerers (CP-22).
constexpr std::string_view internal_queue = "_sys_";

/// Replies that only servers make; a client that could choose them could forge acks (CP-21).
bool is_reserved_reply(std::string_view reply) {
  return reply.starts_with("_R_.") || (reply.starts_with("$JS.ACK.") && reply.size() > 8) ||
         (reply.starts_with("_GR_.") && reply.size() > 5);
}

/// Subjects between servers, on which no client may publish.
bool is_reserved_subject(std::string_view subject) {
  return subject.starts_with("$NRG.") || (subject.starts_with("_GR_.") && subject.size() > 5);
}

std::string subscription_violation(std::string_view subject, std::string_view queue) {
  std::string text = "Permissions Violation for Subscription to " + wire::quoted(subject);
  if (!queue.empty()) {
    text += " using queue " + wire::quoted(queue);
  }
  return text;
}

/// Takes as long for a wrong secret as for the right one.
bool same_secret(std::string_view given, std::string_view expected) {
  unsigned difference = given.size() == expected.size() ? 0u : 1u;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const char other = expected.empty() ? '\0' : expected[i % expected.size()];
    difference |= static_cast<unsigned char>(given[i] ^ other);
  }
  return difference == 0;
}

}  // namespace

Session::Session(ConnectionId id, const ConnectionInfo& info, const Node& node, Instant now)
    : node_(node),
      info_(info),
      output_(id, node.dirty),
      parser_(wire::Dialect::client,
              {node.config.control_line_bytes_max, node.config.payload_bytes_max}),
      started_(now),
      last_activity_(now) {}

Session::~Session() { node_.router.remove_sink(*this); }

/// As long as nats-server's: 11 random bytes.
void Session::make_nonce() {
  constexpr std::size_t nonce_bytes = 11;
  std::string bytes;
  while (bytes.size() < nonce_bytes) {
    bytes += static_cast<char>(node_.entropy.next() & 0xFF);
  }
  nonce_ = base::base64url_encode(bytes);
}

void Session::start(Instant now) {
  const auto has_nkey = [](const User& user) { return !user.nkey.empty(); };
  if (auth_required() && std::ranges::any_of(node_.config.users, has_nkey)) {
    make_nonce();
  }
  send_info(false, nonce_);
  if (auth_required()) {
    auth_until_ = now + node_.config.auth_timeout;
  }
  schedule_ping(now, node_.config.ping_interval);
}

void Session::receive(std::string_view bytes, Instant now) {
  while (!output_.closing() && !bytes.empty()) {
    if (parser_.at_start() && awaiting_auth() && bytes.front() != 'C' && bytes.front() != 'c' &&
        !admit_without_connect()) {
      refuse_auth();
      return;
    }
    switch (parser_.next(bytes)) {
      case wire::Parser::Result::command:
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
      return handle_pong(now);
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

void Session::handle_connect(std::string_view json, Instant now) {
  auth_until_ = kNever;
  if (!options_.read(json)) {
    output_.close("Protocol Violation");
    return;
  }
  if (std::exchange(connect_received_, true)) {
    // Another CONNECT may be another user: nothing of the first one stays.
    while (!subscriptions_.empty()) {
      drop_subscription(subscriptions_.begin());
    }
  }
  parser_.allow_headers(options_.headers);
  if (!authenticate() || options_.wants_account) {
    refuse_auth();
    return;
  }
  if (options_.protocol < 0 || options_.protocol > 1) {
    fail("invalid client protocol", "Bad Client Protocol Version");
    return;
  }
  if (options_.no_responders && !options_.headers) {
    fail("no responders requires headers support", "No Responders Requires Headers");
    return;
  }
  // The first ping comes early: it measures the round trip.
  schedule_ping(now, std::min<Duration>(node_.config.ping_interval, std::chrono::seconds(2)));
  if (options_.verbose) {
    send_ok();
  }
}

void Session::handle_ping(Instant now) {
  last_activity_ = now;
  wire::append_pong(output_.buffer());
  if (connect_received_ && !std::exchange(first_pong_sent_, true) && options_.protocol >= 1) {
    send_info(true);
  }
}

void Session::handle_pong(Instant now) {
  pings_out_ = 0;
  if (pinged_at_) {
    round_trip_ = std::max(Duration(1), now - *pinged_at_);
  }
}

bool Session::may_publish(std::string_view subject, Instant now) {
  return !restricted_ || permissions_.may_publish(subject) ||
         (replies_ && replies_->use(subject, now));
}

void Session::handle_publish(const base::Message& message, Instant now) {
  last_activity_ = now;
  ++traffic_.in_msgs;
  traffic_.in_bytes += message.header.size() + message.payload.size();
  if (options_.pedantic && !subject::valid_literal(message.subject)) {
    send_err("Invalid Publish Subject");  // And yet it is published, as nats-server does.
  }
  if (is_reserved_subject(message.subject) || !may_publish(message.subject, now)) {
    send_err("Permissions Violation for Publish to " + wire::quoted(message.subject));
    return;
  }
  if (is_reserved_reply(message.reply)) {
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
  last_activity_ = now;
  if (command.queue == internal_queue ||
      (restricted_ && !permissions_.may_subscribe(command.subject, command.queue))) {
    send_err(subscription_violation(command.subject, command.queue));
    return;
  }
  if (subscriptions_.size() >= base::subscriptions_per_connection_max) {
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
  last_activity_ = now;
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

bool Session::auth_required() const {
  return !info_.trusted && (!node_.config.users.empty() || !node_.config.token.empty());
}

bool Session::signed_by(const User& user) const {
  const auto signature = base::base64_decode(options_.signature);
  return signature && !nonce_.empty() && node_.verifier != nullptr &&
         node_.verifier->verify(user.nkey, nonce_, *signature);
}

const User* Session::find_user() const {
  if (!options_.nkey.empty()) {
    const auto user = std::ranges::find(node_.config.users, options_.nkey, &User::nkey);
    if (user != node_.config.users.end()) {
      return signed_by(*user) ? &*user : nullptr;
    }
  }
  const bool anonymous = options_.user.empty() && options_.token.empty();
  const std::string& name = anonymous ? node_.config.no_auth_user : options_.user;
  if (name.empty()) {
    return nullptr;
  }
  for (const User& user : node_.config.users) {
    if (user.name == name) {
      return anonymous || same_secret(options_.password, user.password) ? &user : nullptr;
    }
  }
  return nullptr;
}

bool Session::authenticate() {
  user_.clear();
  permissions_ = Permissions();
  restricted_ = false;
  replies_.reset();
  if (!auth_required()) {
    return true;
  }
  if (const User* user = find_user()) {
    user_ = user->nkey.empty() ? user->name : user->nkey;
    permissions_ = Permissions(*user);
    restricted_ = user->restricted();
    if (user->responses) {
      replies_.emplace(*user->responses);
    }
    return true;
  }
  return !node_.config.token.empty() && same_secret(options_.token, node_.config.token);
}

void Session::recheck() {
  if (!connect_received_ || output_.closing() || info_.trusted) {
    return;
  }
  const auto is_mine = [this](const User& user) {
    return user_ == (user.nkey.empty() ? user.name : user.nkey);
  };
  if (!user_.empty() && std::ranges::none_of(node_.config.users, is_mine)) {
    return output_.close("Credentials Revoked");  // Without a word, as nats-server does it.
  }
  if (!authenticate()) {
    return refuse_auth();
  }
  drop_forbidden();
}

/// Ends the subscriptions that the permissions of now do not allow.
void Session::drop_forbidden() {
  std::vector<std::string> forbidden;
  for (auto& [sid, own] : subscriptions_) {
    own.filtered = restricted_ && permissions_.filters_deliveries(own.subject, own.queue);
    if (restricted_ && !permissions_.may_subscribe(own.subject, own.queue)) {
      forbidden.push_back(sid);
    }
  }
  std::ranges::sort(forbidden);  // The map has no order that would be the same everywhere.
  for (const std::string& sid : forbidden) {
    const auto own = subscriptions_.find(sid);
    send_err(subscription_violation(own->second.subject, own->second.queue) + " (sid " +
             wire::quoted(sid) + ")");
    drop_subscription(own);
  }
}

void Session::refuse_auth() { fail("Authorization Violation", "Authentication Failure"); }

bool Session::admit_without_connect() {
  if (node_.config.no_auth_user.empty() || !authenticate()) {
    return false;
  }
  auth_until_ = kNever;
  connect_received_ = true;
  return true;
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
  if (now >= ping_at_) {
    ping_due(now);
  }
}

Instant Session::next_deadline() const {
  return output_.closing() ? kNever : std::min(auth_until_, ping_at_);
}

void Session::ping_due(Instant now) {
  const Duration interval = node_.config.ping_interval;
  const bool measure = !pinged_at_ || now - *pinged_at_ > std::chrono::hours(1);
  if (measure || now - last_activity_ >= interval) {
    if (pings_out_ + 1 > node_.config.pings_out_max) {
      fail("Stale Connection", "Stale Connection");
      return;
    }
    ++pings_out_;
    pinged_at_ = now;
    wire::append_ping(output_.buffer());
  }
  ping_at_ = now + interval;
}

/// With up to a fifth added, so that many clients of one start are not pinged at once.
void Session::schedule_ping(Instant now, Duration interval) {
  const auto spread = static_cast<std::uint64_t>(interval.count() / 5);
  const std::uint64_t extra = spread == 0 ? 0 : node_.entropy.next() % spread;
  ping_at_ = now + interval + Duration(static_cast<std::int64_t>(extra));
}

void Session::announce() {
  if (connect_received_ && options_.protocol >= 1 && !output_.closing()) {
    send_info(false);
  }
}

void Session::send_info(bool connect_info, std::string_view nonce) {
  const InfoRequest request{.client_id = static_cast<std::uint64_t>(output_.id()),
                            .client_ip = info_.address,
                            .nonce = nonce,
                            .websocket = info_.websocket,
                            .auth_required = auth_required(),
                            .connect_info = connect_info};
  wire::append_info(output_.buffer(), info_json(node_, request));
}

void Session::send_err(std::string_view text) { wire::append_err(output_.buffer(), text); }
void Session::send_ok() { wire::append_ok(output_.buffer()); }

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
  if (replies_ && !message.reply.empty() && !permissions_.may_publish(message.reply)) {
    replies_->grant(message.reply, node_.now);
  }
  ++traffic_.out_msgs;
  traffic_.out_bytes +=
      wire::append_message(output_.buffer(), own->first, message, options_.headers);
  if (++own->second.delivered == own->second.max) {
    drop_subscription(own);
  }
  if (output_.pending_bytes() > node_.config.pending_bytes_max) {
    // It will not read what waits for it either: nothing of it is sent.
    output_.close("Slow Consumer (Pending Bytes)", true);
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
