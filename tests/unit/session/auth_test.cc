// Who is let in, and as whom.
#include "unit/session/guarded_rig.h"

using namespace std::chrono_literals;
using namespace frond;
using frond::session::Guarded;
using frond::session::refused;
using frond::session::start_time;

TEST_CASE_METHOD(Guarded, "auth: user and password (AU-06, ER-02)") {
  CHECK(attempt("CONNECT {\"user\":\"u\",\"pass\":\"secret\"}\r\n") == "+OK\r\n");
  CHECK(attempt("CONNECT {\"user\":\"u\",\"pass\":\"wrong!\"}\r\n") == refused);
  CHECK(attempt("CONNECT {\"user\":\"u\",\"pass\":\"\"}\r\n") == refused);
  CHECK(attempt("CONNECT {\"user\":\"u\",\"pass\":\"secretsecret\"}\r\n") == refused);
  CHECK(attempt("CONNECT {\"user\":\"x\",\"pass\":\"secret\"}\r\n") == refused);
  CHECK(attempt("CONNECT {}\r\n") == refused);
  CHECK(attempt("CONNECT {\"auth_token\":\"\"}\r\n") == refused);
}

TEST_CASE_METHOD(Guarded, "auth: token (AU-06)") {
  config.users.clear();
  config.token = "tok";
  CHECK(attempt("CONNECT {\"auth_token\":\"tok\"}\r\n") == "+OK\r\n");
  CHECK(attempt("CONNECT {\"auth_token\":\"to\"}\r\n") == refused);
  CHECK(attempt("CONNECT {}\r\n") == refused);
}

TEST_CASE_METHOD(Guarded, "auth: any verb before CONNECT is a violation (CP-16)") {
  CHECK(attempt("PING\r\n") == refused);
  CHECK(attempt("SUB foo 1\r\n") == refused);
  CHECK(attempt("X") == refused);
  CHECK(attempt("connect {\"user\":\"u\",\"pass\":\"secret\"}\r\nPING\r\n") == "+OK\r\nPONG\r\n");
}

TEST_CASE_METHOD(Guarded, "auth: no CONNECT in time (CP-16, ER-03)") {
  auto session = open();
  CHECK(session->next_deadline() == start_time + 2s);
  session->tick(start_time + 1999ms);
  CHECK_FALSE(session->closing());
  session->tick(start_time + 2s);
  CHECK(session->output().take() == "-ERR 'Authentication Timeout'\r\n");
  CHECK(session->output().close_reason() == "Authentication Timeout");
  auto good = open();
  send(*good, "CONNECT {\"user\":\"u\",\"pass\":\"secret\",\"verbose\":false}\r\n");
  good->tick(start_time + 3s);
  CHECK_FALSE(good->closing());
}

TEST_CASE_METHOD(Guarded, "auth: trusted connections are not asked (CP-16)") {
  auto session = open(true);
  CHECK(send(*session, "PING\r\n") == "PONG\r\n");
  session->tick(start_time + 3s);
  CHECK_FALSE(session->closing());
}

TEST_CASE_METHOD(Guarded, "auth: no_auth_user (AU-06)") {
  config.users[0].publish.deny = {"secret.>"};
  config.no_auth_user = "u";
  CHECK(attempt("CONNECT {\"verbose\":false}\r\nPUB secret.x 0\r\n\r\n") ==
        "-ERR 'Permissions Violation for Publish to \"secret.x\"'\r\n");
  CHECK(attempt("PUB secret.x 0\r\n\r\n") ==
        "-ERR 'Permissions Violation for Publish to \"secret.x\"'\r\n");
  CHECK(attempt("CONNECT {\"user\":\"u\",\"pass\":\"wrong\"}\r\n") == refused);
  config.no_auth_user = "nobody";
  CHECK(attempt("PING\r\n") == refused);
}

TEST_CASE_METHOD(Guarded, "auth: permissions of a user and their texts (SU-14, ER-07, ER-08)") {
  User& user = config.users[0];
  user.publish.allow = {"out.>", "_INBOX.>"};
  user.publish.deny = {"out.secret"};
  user.subscribe.allow = {"in.>", "work q"};
  user.subscribe.deny = {"in.secret"};
  auto session = open();
  const std::string connect =
      "CONNECT {\"user\":\"u\",\"pass\":\"secret\",\"verbose\":false,\"pedantic\":false}\r\n";
  send(*session, connect);
  CHECK(session->user() == "u");
  CHECK(send(*session, "PUB out.a 0\r\n\r\n").empty());
  CHECK(send(*session, "PUB out.secret 0\r\n\r\n") ==
        "-ERR 'Permissions Violation for Publish to \"out.secret\"'\r\n");
  CHECK(send(*session, "PUB other 0\r\n\r\n") ==
        "-ERR 'Permissions Violation for Publish to \"other\"'\r\n");
  CHECK(send(*session, "SUB in.> 1\r\n").empty());
  CHECK(send(*session, "SUB in.secret 2\r\n") ==
        "-ERR 'Permissions Violation for Subscription to \"in.secret\"'\r\n");
  CHECK(send(*session, "SUB work 3\r\n") ==
        "-ERR 'Permissions Violation for Subscription to \"work\"'\r\n");
  CHECK(send(*session, "SUB work other 4\r\n") ==
        "-ERR 'Permissions Violation for Subscription to \"work\" using queue \"other\"'\r\n");
  CHECK(send(*session, "SUB work q 5\r\n").empty());
  CHECK(session->subscription_count() == 2);
  CHECK_FALSE(session->closing());

  // The wildcard does not let through what is denied.
  auto admin = open(true);
  send(*admin, "CONNECT {\"verbose\":false}\r\nPUB in.secret 1\r\na\r\nPUB in.open 1\r\nb\r\n");
  CHECK(session->output().take() == "MSG in.open 1 1\r\nb\r\n");
}
