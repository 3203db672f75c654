#pragma once
// A node that asks who its clients are, for the tests of authentication and rights.
#include "unit/session/session_rig.h"

#include <memory>
#include <string>

namespace frond::session {

/// A node that knows one user.
struct Guarded : Fixture {
  Guarded() {
    User user;
    user.name = "u";
    user.password = "secret";
    config.users = {user};
  }
  /// INFO is taken.
  std::unique_ptr<Session> open(bool trusted = false) {
    auto session = Fixture::open(trusted);
    session->output().take();
    return session;
  }
  std::string attempt(const std::string& bytes) {
    auto session = open();
    return send(*session, bytes) + session->output().close_reason();
  }
};

inline const std::string refused = "-ERR 'Authorization Violation'\r\nAuthentication Failure";

}  // namespace frond::session
