#pragma once
// The wait of one connection for the host's word on a password that is kept as a bcrypt hash
// (AU-04). Hashing takes a worker of the host a tenth of a second; meanwhile the connection may
// already have sent what follows its CONNECT, which waits here. A member of the client session and
// of the accepted leaf: they begin it when access::authenticate finds the login unsettled, and ask
// again once it is settled.

#include "access/login.h"

#include <frond/output.h>

#include <string>
#include <string_view>

namespace frond::access {

class SecretCheck {
 public:
  bool pending() const { return pending_; }
  /// The hash that the secret of the last CONNECT was found to match, for Login::matched; empty
  /// when there is none.
  std::string_view matched() const { return pending_ ? std::string_view() : hash_; }
  /// Another CONNECT brings another secret.
  void forget() { *this = {}; }

  /// What to ask the host, for a verdict that is `unsettled`.
  CheckSecret begin(ConnectionId connection, const Verdict& verdict);
  /// Keeps bytes that came while it is pending; false when somebody whom nobody has let in yet has
  /// sent more than `base::held_bytes_max`.
  bool keep(std::string_view bytes);
  /// The host's answer: ends the wait and hands back what was kept.
  std::string settle(bool matches);

 private:
  bool pending_ = false;
  std::string hash_;  ///< What is compared with, and afterwards what matched.
  std::string kept_;
};

}  // namespace frond::access
