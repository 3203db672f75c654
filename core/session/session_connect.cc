// How a client is let in: INFO, CONNECT, who it is and what it may do.

#include "session/auth.h"
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
  pings_.schedule(now, std::min<Duration>(node_.config.ping_interval, std::chrono::seconds(2)),
                  node_.entropy);
  if (options_.verbose) {
    send_ok();
  }
}

bool Session::auth_required() const { return !info_.trusted && has_credentials(node_.config); }

bool Session::authenticate() {
  user_.clear();
  permissions_ = Permissions();
  restricted_ = false;
  replies_.reset();
  if (!auth_required()) {
    return true;
  }
  const Verdict verdict = session::authenticate(node_.config, options_, nonce_, node_.verifier);
  if (const User* user = verdict.user) {
    user_ = user_id(*user);
    permissions_ = Permissions(*user);
    restricted_ = user->restricted();
    if (user->responses) {
      replies_.emplace(*user->responses);
    }
  }
  return verdict.admitted;
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
