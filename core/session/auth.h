#pragma once
// Who a client is, by its CONNECT and the node's users and token (CP-16). Pure functions; session
// asks once per CONNECT, again when the users change, and applies what the user may do.

#include "session/connect_options.h"

#include <frond/config.h>
#include <frond/host.h>

#include <string>
#include <string_view>

namespace frond::session {

/// Whether clients must say who they are.
bool has_credentials(const Config& config);

/// Whether some of them sign a nonce, which INFO must bring then (AU-07, IN-03).
bool has_nkeys(const Config& config);
/// As long as nats-server's: 11 random bytes in base 64.
std::string make_nonce(Entropy& entropy);
/// What a user is known by: its nkey, or its name.
const std::string& user_id(const User& user);

struct Verdict {
  bool admitted = false;
  const User* user = nullptr;  ///< Of the config; null for whoever has the token.
};
/// `nonce` is what an nkey must have signed; without a verifier none is accepted.
Verdict authenticate(const Config& config, const ConnectOptions& options, std::string_view nonce,
                     const Verifier* verifier);

}  // namespace frond::session
