#pragma once
// What a client says of itself in CONNECT (CO-01 to CO-05), with nats-server's defaults for what it
// leaves out. Read once per CONNECT, kept by the session.

#include <string>
#include <string_view>

namespace frond::session {

struct ConnectOptions {
  bool verbose = true;  ///< True by default: people type CONNECT {} by hand (CP-04).
  bool pedantic = true;
  bool echo = true;
  bool headers = false;
  bool no_responders = false;
  int protocol = 0;
  std::string name, lang, version;
  std::string user, password, token;
  std::string nkey, signature;  ///< Of the nonce in INFO, base 64.
  /// An obsolete field that is refused (CO-03).
  bool wants_account = false;

  /// Takes over what the document has; fields it does not have stay as they are, unknown ones are
  /// ignored. False when it is no JSON object or a field has another type.
  bool read(std::string_view json);
};

}  // namespace frond::session
