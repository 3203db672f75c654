// How a leaf is let in, what it may do, and whether it still may when the users have changed.

#include "access/login.h"
#include "leaf/accepted_leaf.h"

#include <optional>
#include <string>
#include <utility>

namespace frond::leaf {

namespace {

/// The first PING comes soon, to know the round trip; the leaf's own is its barrier.
constexpr Duration first_ping_after = std::chrono::seconds(1);

}  // namespace

void AcceptedLeaf::join(std::string_view text, Instant now) {
  std::optional<LeafConnect> connect = parse_leaf_connect(text);
  if (!connect) {
    close({}, "Protocol Violation");
    return;
  }
  if (connect->has_lang) {
    close("attempted to connect to leaf node port", "Incorrect Port");
    return;
  }
  connect_ = std::move(*connect);
  const access::Verdict verdict = authenticate();
  if (verdict.kind == access::Verdict::Kind::admitted) {
    return admit(verdict.user, now);
  }
  if (verdict.kind == access::Verdict::Kind::refused || !context_.checks_secrets) {
    return refuse_login();
  }
  connect_by_ = kNever;
  context_.outbox.push(secret_.begin(output_.id(), verdict));
}

access::Verdict AcceptedLeaf::authenticate() const {
  return access::authenticate_leaf(context_.config,
                                   {.user = connect_.user,
                                    .password = connect_.password,
                                    .token = connect_.token,
                                    .nkey = connect_.nkey,
                                    .signature = connect_.signature,
                                    .nonce = nonce_,
                                    .kind = ConnectionKind::leaf,
                                    .websocket = info_.websocket,
                                    .matched = secret_.matched()},
                                   context_.verifier);
}

void AcceptedLeaf::refuse_login() { close("Authorization Violation", "Authentication Failure"); }

void AcceptedLeaf::secret_checked(bool matches, Instant now) {
  if (!secret_.pending() || gone()) {
    return;
  }
  const std::string kept = secret_.settle(matches);
  // Asked anew: the users may have changed meanwhile, and with them the hash.
  const access::Verdict verdict = authenticate();
  if (verdict.kind != access::Verdict::Kind::admitted) {
    return refuse_login();
  }
  admit(verdict.user, now);
  receive(kept, now);
}

void AcceptedLeaf::recheck(Instant now) {
  if (gone()) {
    return;
  }
  if (!joined_) {
    // Whoever has not said who they are is judged by the rules of then, and has the time of now.
    connect_by_ = secret_.pending() ? kNever : now + context_.config.leaf_auth_timeout;
    return;
  }
  const access::Verdict verdict = authenticate();
  if (verdict.kind != access::Verdict::Kind::admitted) {
    refuse_login();
  } else if (verdict.user == nullptr ? user_.has_value() : user_ != *verdict.user) {
    close({},
          "Credentials Revoked");  // Its rights are others now: it hears them when it joins anew.
  }
}

void AcceptedLeaf::admit(const User* user, Instant now) {
  if (!connect_.cluster.empty() && connect_.cluster == context_.config.name) {
    close("remote leafnode has same cluster name", "Cluster Names Identical");
    return;
  }
  on_join_(*this);
  joined_ = true;
  connect_by_ = kNever;
  ping_at_ = now + first_ping_after;
  grant(user);
  send_info(true, user);
  session_.set_peer(connect_.headers, context_.config.payload_bytes_max);
  session_.begin();
}

void AcceptedLeaf::grant(const User* user) {
  SubjectRights send = user != nullptr ? user->subscribe : SubjectRights{};
  send.deny.insert(send.deny.end(), connect_.deny.deny.begin(), connect_.deny.deny.end());
  std::optional<SubjectRights> publish;
  std::optional<SubjectRights> subscribe;
  if (user != nullptr) {
    user_ = *user;
    subscribe = user->subscribe;
    permissions_ = access::Permissions(*user);
    if (user->responses) {
      replies_.emplace(*user->responses);
    } else {
      publish = user->publish;
    }
  }
  // Interest in answers is announced whatever the lists say: which of them come is asked for each.
  rights_.set_permissions(send, publish);
  from_leaf_.set_permissions(std::nullopt, subscribe);
}

bool AcceptedLeaf::may_publish(std::string_view subject, Instant now) {
  // Acknowledgements and replies to services pass whatever the permissions (leafnode-protocol 8).
  return !user_ || subject.starts_with("$JS.ACK.") || subject.starts_with("_R_.") ||
         permissions_.may_publish(subject) || (replies_ && replies_->use(subject, now));
}

}  // namespace frond::leaf
