#include "session/session.h"

#include "base/base64.h"

#include <catch2/catch.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

using namespace std::chrono_literals;
using namespace frond;
using frond::session::Node;
using frond::session::Session;

namespace {

struct Zero : Entropy {
  std::uint64_t next() override { return 0; }
};
const Instant start_time{1'800'000'000s};

struct Fixture {
  Zero random;
  Config config;
  route::Router router{random};
  route::DirtyList dirty;
  Node node{config, router, dirty, random, "N" + std::string(55, 'A')};

  Fixture() {
    User user;
    user.name = "u";
    user.password = "secret";
    config.users = {user};
  }
  std::unique_ptr<Session> open(bool trusted = false) {
    ConnectionInfo info;
    info.trusted = trusted;
    auto session = std::make_unique<Session>(ConnectionId(1), info, node, start_time);
    session->start(start_time);
    session->output().take();
    return session;
  }
  std::string send(Session& session, std::string_view bytes) {
    session.receive(bytes, start_time);
    return session.output().take();
  }
  std::string attempt(const std::string& bytes) {
    auto session = open();
    return send(*session, bytes) + session->output().close_reason();
  }
};

const std::string refused = "-ERR 'Authorization Violation'\r\nAuthentication Failure";

}  // namespace

TEST_CASE_METHOD(Fixture, "auth: user and password (AU-06, ER-02)") {
  CHECK(attempt("CONNECT {\"user\":\"u\",\"pass\":\"secret\"}\r\n") == "+OK\r\n");
  CHECK(attempt("CONNECT {\"user\":\"u\",\"pass\":\"wrong!\"}\r\n") == refused);
  CHECK(attempt("CONNECT {\"user\":\"u\",\"pass\":\"\"}\r\n") == refused);
  CHECK(attempt("CONNECT {\"user\":\"u\",\"pass\":\"secretsecret\"}\r\n") == refused);
  CHECK(attempt("CONNECT {\"user\":\"x\",\"pass\":\"secret\"}\r\n") == refused);
  CHECK(attempt("CONNECT {}\r\n") == refused);
  CHECK(attempt("CONNECT {\"auth_token\":\"\"}\r\n") == refused);
}

TEST_CASE_METHOD(Fixture, "auth: token (AU-06)") {
  config.users.clear();
  config.token = "tok";
  CHECK(attempt("CONNECT {\"auth_token\":\"tok\"}\r\n") == "+OK\r\n");
  CHECK(attempt("CONNECT {\"auth_token\":\"to\"}\r\n") == refused);
  CHECK(attempt("CONNECT {}\r\n") == refused);
}

TEST_CASE_METHOD(Fixture, "auth: any verb before CONNECT is a violation (CP-16)") {
  CHECK(attempt("PING\r\n") == refused);
  CHECK(attempt("SUB foo 1\r\n") == refused);
  CHECK(attempt("X") == refused);
  CHECK(attempt("connect {\"user\":\"u\",\"pass\":\"secret\"}\r\nPING\r\n") == "+OK\r\nPONG\r\n");
}

TEST_CASE_METHOD(Fixture, "auth: no CONNECT in time (CP-16, ER-03)") {
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

TEST_CASE_METHOD(Fixture, "auth: trusted connections are not asked (CP-16)") {
  auto session = open(true);
  CHECK(send(*session, "PING\r\n") == "PONG\r\n");
  session->tick(start_time + 3s);
  CHECK_FALSE(session->closing());
}

TEST_CASE_METHOD(Fixture, "auth: no_auth_user (AU-06)") {
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

TEST_CASE_METHOD(Fixture, "auth: permissions of a user and their texts (SU-14, ER-07, ER-08)") {
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

TEST_CASE_METHOD(Fixture, "auth: allow_responses lets a service answer what it got (SU-15)") {
  node.now = start_time;
  config.users.front().responses.emplace();
  User asker;
  asker.name = "a";
  config.users.push_back(asker);
  auto service = open();
  send(*service, "CONNECT {\"verbose\":false,\"user\":\"u\",\"pass\":\"secret\"}\r\nSUB s 1\r\n");
  const std::string denied = "-ERR 'Permissions Violation for Publish to \"r\"'\r\n";
  CHECK(send(*service, "PUB r 0\r\n\r\n") == denied);
  auto client = open();
  send(*client, "CONNECT {\"verbose\":false,\"user\":\"a\"}\r\nPUB s r 0\r\n\r\n");
  CHECK(service->output().take() == "MSG s 1 r 0\r\n\r\n");
  CHECK(send(*service, "PUB r 0\r\n\r\n").empty());
  CHECK(send(*service, "PUB r 0\r\n\r\n") == denied);
}

TEST_CASE_METHOD(Fixture, "auth: an nkey signs the nonce of INFO (AU-07, IN-03)") {
  struct Fake : Verifier {
    bool verify(std::string_view key, std::string_view nonce,
                std::string_view signature) const override {
      return signature == std::string(key) + " signs " + std::string(nonce);
    }
  } verifier;
  CHECK(attempt("CONNECT {\"nkey\":\"UA\",\"sig\":\"\"}\r\n") == refused);
  User user;
  user.nkey = "UA";
  user.publish.allow = {"a"};
  config.users.push_back(user);
  node.verifier = &verifier;
  ConnectionInfo info;
  const auto connect = [&](const std::string& key, const std::string& signer, bool good_nonce) {
    Session session(ConnectionId(7), info, node, start_time);
    session.start(start_time);
    const auto greeting = nlohmann::json::parse(session.output().take().substr(5));
    const std::string nonce = greeting.at("nonce").get<std::string>();
    CHECK(nonce.size() == 15);
    const std::string signature =
        base::base64url_encode(signer + " signs " + (good_nonce ? nonce : "old"));
    const std::string answer = send(session, "CONNECT {\"nkey\":\"" + key + "\",\"sig\":\"" +
                                                 signature + "\",\"protocol\":1}\r\nPING\r\n");
    return answer + session.output().close_reason();
  };
  const std::string accepted = connect("UA", "UA", true);
  CHECK(accepted.starts_with("+OK\r\nPONG\r\nINFO {"));
  CHECK(accepted.find("nonce") == std::string::npos);
  CHECK(connect("UA", "UA", false) == refused);
  CHECK(connect("UA", "UB", true) == refused);
  CHECK(connect("UB", "UB", true) == refused);
  CHECK(attempt("CONNECT {\"user\":\"u\",\"pass\":\"secret\"}\r\n") == "+OK\r\n");
  CHECK(attempt("CONNECT {\"user\":\"\",\"pass\":\"\"}\r\n") == refused);
  node.verifier = nullptr;
  CHECK(connect("UA", "UA", true) == refused);
}

TEST_CASE_METHOD(Fixture, "auth: changed users are applied to who is here (reload)") {
  User other;
  other.name = "o";
  config.users.push_back(other);
  auto session = open();
  send(*session,
       "CONNECT {\"verbose\":false,\"user\":\"u\",\"pass\":\"secret\"}\r\n"
       "SUB x.1 1\r\nSUB y 2\r\nSUB > 3\r\nSUB x.2 q 4\r\n");
  const auto after = [&] {
    session->recheck();
    const std::string said = session->output().take();
    return said + session->output().close_reason();
  };
  SECTION("the same: nothing happens") {
    CHECK(after().empty());
    CHECK(session->subscription_count() == 4);
  }
  SECTION("less rights: subscriptions end, with nats-server's words") {
    config.users.front().subscribe.deny = {"x.>"};
    config.users.front().publish.deny = {"p"};
    CHECK(after() ==
          "-ERR 'Permissions Violation for Subscription to \"x.1\" (sid \"1\")'\r\n"
          "-ERR 'Permissions Violation for Subscription to \"x.2\" using queue \"q\" (sid \"4\")'"
          "\r\n");
    CHECK(send(*session, "PUB x.9 0\r\n\r\n").empty());
    CHECK(send(*session, "PUB p 0\r\n\r\n") ==
          "-ERR 'Permissions Violation for Publish to \"p\"'\r\n");
    CHECK(send(*session, "PUB y 0\r\n\r\n").size() == 2 * std::string("MSG y 2 0\r\n\r\n").size());
  }
  SECTION("another password") {
    config.users.front().password = "new";
    CHECK(after() == refused);
  }
  SECTION("the user is gone") {
    config.users.erase(config.users.begin());
    CHECK(after() == "Credentials Revoked");
  }
  SECTION("no users any more") {
    config.users.clear();
    CHECK(after() == "Credentials Revoked");
  }
}

TEST_CASE_METHOD(Fixture, "auth: users where there were none close who came without") {
  const auto users = std::exchange(config.users, {});
  auto session = open();
  send(*session, "CONNECT {\"verbose\":false}\r\n");
  auto silent = open();
  config.users = users;
  session->recheck();
  silent->recheck();
  CHECK(session->output().take() == "-ERR 'Authorization Violation'\r\n");
  CHECK(session->closing());
  CHECK_FALSE(silent->closing());
  CHECK(send(*silent, "PING\r\n") == "-ERR 'Authorization Violation'\r\n");
}
