// How a client is let in: INFO, CONNECT, who it is and what it may do.

#include "access/login.h"
#include "session/info.h"
#include "session/session.h"
#include "wire/writer.h"

#include <algorithm>
#include <utility>

namespace frond::session {

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
  secret_.forget();
  const access::Verdict verdict = authenticate();
  if (options_.wants_account || verdict.kind == access::Verdict::Kind::refused) {
    return refuse_auth();
  }
  if (verdict.kind == access::Verdict::Kind::admitted) {
    return admit(now);
  }
  if (node_.checks == nullptr) {
    return refuse_auth();
  }
  node_.checks->push(secret_.begin(output_.id(), verdict));
}

void Session::secret_checked(bool matches, Instant now) {
  if (!secret_.pending() || output_.closing()) {
    return;
  }
  const std::string kept = secret_.settle(matches);
  // Asked anew: the users may have changed meanwhile, and with them the hash.
  if (authenticate().kind != access::Verdict::Kind::admitted) {
    return refuse_auth();
  }
  admit(now);
  receive(kept, now);
}

void Session::admit(Instant now) {
  if (options_.protocol < 0 || options_.protocol > 1) {
    fail("invalid client protocol", "Bad Client Protocol Version");
    return;
  }
  if (options_.no_responders && !options_.headers) {
    fail("no responders requires headers support", "No Responders Requires Headers");
    return;
  }
  // The first ping comes early: it measures the round trip.
  pings_.schedule(now, std::min<Duration>(node_.config.ping_interval, std::chrono::seconds(2)),
                  node_.entropy);
  if (options_.verbose) {
    send_ok();
  }
}

bool Session::auth_required() const {
  return !info_.trusted && access::has_credentials(node_.config);
}

access::Verdict Session::authenticate() {
  user_.clear();
  permissions_ = access::Permissions();
  restricted_ = false;
  replies_.reset();
  if (!auth_required()) {
    return {access::Verdict::Kind::admitted};
  }
  const access::Verdict verdict = access::authenticate(node_.config,
                                                       {.user = options_.user,
                                                        .password = options_.password,
                                                        .token = options_.token,
                                                        .nkey = options_.nkey,
                                                        .signature = options_.signature,
                                                        .nonce = nonce_,
                                                        .kind = ConnectionKind::client,
                                                        .websocket = info_.websocket,
                                                        .matched = secret_.matched()},
                                                       node_.verifier);
  if (const User* user = verdict.user) {
    user_ = access::user_id(*user);
    permissions_ = access::Permissions(*user);
    restricted_ = user->restricted();
    if (user->responses) {
      replies_.emplace(*user->responses);
    }
  }
  return verdict;
}

void Session::refuse_auth() { fail("Authorization Violation", "Authentication Failure"); }

void Session::refuse_place() {
  fail("maximum connections exceeded", "Maximum Connections Exceeded");
}

bool Session::admit_without_connect() {
  const bool named =
      !node_.config.no_auth_user.empty() || !node_.config.websocket_no_auth_user.empty();
  if (!named || authenticate().kind != access::Verdict::Kind::admitted) {
    return false;
  }
  auth_until_ = kNever;
  connect_received_ = true;
  return true;
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
  output_.write([&](std::string& out) { wire::append_info(out, info_json(node_, request)); });
}

}  // namespace frond::session
