#include "leaf/accepted_leaf.h"

#include "access/login.h"
#include "base/limits.h"
#include "route/request_subjects.h"
#include "subject/validity.h"
#include "wire/writer.h"

#include <utility>

namespace frond::leaf {

namespace {

struct Ending {
  std::string_view text, reason;
};

Ending ending_of(wire::ParseError error) {
  switch (error) {
    case wire::ParseError::payload_too_large:
      return {"Maximum Payload Violation", "Maximum Message Payload Exceeded"};
    case wire::ParseError::control_line_too_long:
      return {"maximum control line exceeded", "Maximum Control Line Exceeded"};
    default:
      return {"Unknown Protocol Operation", "Protocol Violation"};
  }
}

}  // namespace

AcceptedLeaf::AcceptedLeaf(const AcceptContext& context, route::DirtyList& dirty, ConnectionId id,
                           const ConnectionInfo& info,
                           std::function<void(const AcceptedLeaf&)> on_join, Instant now)
    : context_(context),
      info_(info),
      on_join_(std::move(on_join)),
      parser_(wire::Dialect::leaf,
              {context.config.control_line_bytes_max * base::leaf_control_line_factor,
               context.config.payload_bytes_max}),
      rights_(context.config.domain),
      output_(id, dirty, context.config.pending_bytes_max),
      session_(route::SinkKind::leaf, context.router, context.interest, rights_, context.loop_guard,
               output_),
      connect_by_(now + context.config.leaf_auth_timeout) {
  parser_.allow_headers(true);
  if (context.config.leaf_users.empty() && access::has_nkeys(context.config)) {
    nonce_ = access::make_nonce(context.entropy);
  }
  session_.set_request_listener([this](std::string_view reply) {
    if (replies_ && !permissions_.may_publish(reply)) {
      replies_->grant(reply, *context_.now);
    }
  });
  send_info(false, nullptr);
}

void AcceptedLeaf::receive(std::string_view bytes, Instant now) {
  while (!gone()) {
    if (secret_.pending()) {
      if (!secret_.keep(bytes)) {
        refuse_login();
      }
      return;
    }
    const auto result = parser_.next(bytes);
    if (result == wire::Parser::Result::more) {
      return;
    }
    if (result == wire::Parser::Result::error) {
      const Ending ending = ending_of(parser_.error());
      close(ending.text, ending.reason);
      return;
    }
    const wire::Command& command = parser_.command();
    if (joined()) {
      joined_command(command, now);
    } else if (command.verb == wire::Verb::connect) {
      join(command.text, now);
    } else if (command.verb != wire::Verb::info) {
      close("Authorization Violation", "Authentication Failure");
    }
  }
}

void AcceptedLeaf::joined_command(const wire::Command& command, Instant now) {
  switch (command.verb) {
    case wire::Verb::ping:
      output_.write(wire::append_pong);
      break;
    case wire::Verb::pong:
      pings_out_ = 0;
      rtt_ = now - pinged_;
      break;
    case wire::Verb::interest:
      subscribe(command);
      break;
    case wire::Verb::interest_gone:
      session_.unsubscribe(command.subject, command.queue);
      break;
    case wire::Verb::routed:
      message(command, now);
      break;
    default:
      break;  // A second CONNECT or an INFO says nothing that we would act on.
  }
}

void AcceptedLeaf::subscribe(const wire::Command& command) {
  const std::string subject(command.subject);
  if (!subject::valid(subject)) {
    output_.write([](std::string& out) { wire::append_err(out, "Invalid Subscription"); });
    return;
  }
  if (!subject.starts_with("$LDS.") && !subject::has_wildcards(subject) &&
      !from_leaf_.permits_listen(subject, command.queue)) {
    close("Permissions Violation for Subscription to \"" + subject + "\"", "Protocol Violation");
    return;
  }
  if (!session_.subscribe(subject, command.queue, command.weight)) {
    close("Loop detected for leafnode account=\"$G\". Delaying attempt to reconnect for 30s",
          "Protocol Violation");
  }
}

void AcceptedLeaf::message(const wire::Command& command, Instant now) {
  if (!may_publish(command.message.subject, now)) {
    close("Permissions Violation for Publish to \"" + std::string(command.message.subject) + "\"",
          "Protocol Violation");
    return;
  }
  // Whoever answers sends to the reply: where that is a request, it takes the right to send it.
  const std::string_view reply = command.message.reply;
  if (user_ && route::is_api_subject(reply) && !permissions_.may_publish(reply)) {
    return;
  }
  session_.message(command.message, command.queues);
}

void AcceptedLeaf::tick(Instant now) {
  if (connect_by_ <= now) {
    close("Authentication Timeout", "Authentication Timeout");
    return;
  }
  if (ping_at_ > now) {
    return;
  }
  if (held_) {
    ping_at_ = now + base::held_ping_interval;
    output_.write(wire::append_ping);
    return;
  }
  if (pings_out_ >= context_.config.pings_out_max) {
    close("Stale Connection", "Stale Connection");
    return;
  }
  ++pings_out_;
  pinged_ = now;
  ping_at_ = now + context_.config.ping_interval;
  output_.write(wire::append_ping);
}

void AcceptedLeaf::hold(bool hold, Instant now) {
  held_ = hold;
  pings_out_ = 0;
  ping_at_ = now + (hold ? base::held_ping_interval : context_.config.ping_interval);
}

void AcceptedLeaf::send_info(bool connect_info, const User* user) {
  const std::string json =
      accept_info_json(context_.config, {.server_id = context_.server_id,
                                         .client_id = static_cast<std::uint64_t>(output_.id()),
                                         .client_ip = info_.address,
                                         .nonce = connect_info ? std::string_view() : nonce_,
                                         .connect_info = connect_info,
                                         .user = user});
  output_.write([&json](std::string& out) { wire::append_info(out, json); });
}

void AcceptedLeaf::close(std::string_view error, std::string_view reason) {
  if (gone()) {
    return;
  }
  if (!error.empty()) {
    output_.write([error](std::string& out) { wire::append_err(out, error); });
  }
  output_.close(reason);
  session_.end();
}

bool AcceptedLeaf::same_as(const AcceptedLeaf& other) const {
  return !connect_.name.empty() && connect_.name == other.connect_.name &&
         connect_.cluster == other.connect_.cluster &&
         connect_.remote_account == other.connect_.remote_account;
}

LeafRow AcceptedLeaf::row() const {
  return {.connection = output_.id(),
          .name = connect_.name,
          .address = info_.address,
          .is_spoke = true,
          .traffic = session_.traffic(),
          .subscriptions = session_.peer_interest_count(),
          .rtt = rtt_};
}

}  // namespace frond::leaf
