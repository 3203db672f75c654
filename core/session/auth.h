#pragma once
// Who a client is, by its CONNECT and the node's users and token (CP-16). Pure functions; session
// asks once per CONNECT and applies what the user may do.

#include "session/connect_options.h"

#include <frond/config.h>

namespace frond::session {

/// Whether clients must say who they are.
bool has_credentials(const Config& config);

struct Verdict {
  bool admitted = false;
  const User* user = nullptr;  ///< Of the config; null for whoever has the token.
};
Verdict authenticate(const Config& config, const ConnectOptions& options);

}  // namespace frond::session
