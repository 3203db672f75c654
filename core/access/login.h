#pragma once
// Who comes in, by what their CONNECT says and the configuration's users and token (CP-16, AU-06).
// Pure functions, nats-server's rules in its order; session (clients) and accepted_leaf (leafs) ask
// once per CONNECT and again when the users change, and apply what the user may do.

#include <frond/config.h>
#include <frond/host.h>

#include <string>
#include <string_view>

namespace frond::access {

/// Whether clients must say who they are.
bool has_credentials(const Config& config);

/// Whether some of them sign a nonce, which INFO must bring then (AU-07, IN-03).
bool has_nkeys(const Config& config);
/// As long as nats-server's: 11 random bytes in base 64.
std::string make_nonce(Entropy& entropy);
/// What a user is known by: its nkey, or its name.
const std::string& user_id(const User& user);

/// What somebody says of themselves, and where.
struct Login {
  std::string_view user = {}, password = {}, token = {};
  std::string_view nkey = {}, signature = {};  ///< Of `nonce`, base 64.
  std::string_view nonce = {};  ///< What INFO asked to be signed; empty: nobody is let in by it.
  ConnectionKind kind = ConnectionKind::client;
  bool websocket = false;
  /// The bcrypt hash that the password or token has been found to match, see Verdict::hash.
  std::string_view matched = {};
};

struct Verdict {
  enum class Kind : std::uint8_t {
    refused,
    admitted,
    /// The secret is kept as a bcrypt hash: whoever asked has `secret` compared with `hash` by the
    /// host (CheckSecret) and asks again with Login::matched.
    unsettled,
  };
  Kind kind = Kind::refused;
  const User* user = nullptr;  ///< Of the config; null for whoever has the token.
  std::string_view hash = {}, secret = {};
};

/// Without a verifier no nkey is accepted.
Verdict authenticate(const Config& config, const Login& login, const Verifier* verifier);
/// A leaf: the leafs' own users come first; without them it is as a client.
Verdict authenticate_leaf(const Config& config, const Login& login, const Verifier* verifier);

}  // namespace frond::access
