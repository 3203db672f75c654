#pragma once
// The INFO document a client is greeted with (IN-01 to IN-05), with nats-server's fields in its
// order. Pure text; who sends it when is in session/session.h.

#include "session/node.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace frond::session {

struct InfoRequest {
  std::uint64_t client_id = 0;
  std::string_view client_ip;
  std::string_view nonce = {};  ///< For nkeys to sign; empty without.
  bool websocket = false;
  bool auth_required = false;
  /// The answer to the first PING: adds connect_info and remote_account (CP-03).
  bool connect_info = false;
};

/// The JSON object without "INFO".
std::string info_json(const Node& node, const InfoRequest& request);

}  // namespace frond::session
