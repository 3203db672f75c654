// Nkeys, the right to answer, and users that change while their clients are here.
#include "base/base64.h"
#include "unit/session/guarded_rig.h"

#include <utility>

using namespace frond;
using namespace std::chrono_literals;
using frond::session::Guarded;
using frond::session::refused;
using frond::session::Session;
using frond::session::start_time;

TEST_CASE_METHOD(Guarded, "auth: allow_responses lets a service answer what it got (SU-15)") {
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

TEST_CASE_METHOD(Guarded, "auth: the right to answer ends with the rule that gave it") {
  node.now = start_time;
  config.users.front().responses.emplace();
  auto service = open();
  send(*service, "CONNECT {\"verbose\":false,\"user\":\"u\",\"pass\":\"secret\"}\r\nSUB s 1\r\n");
  router.publish({.message = {"s", "r", {}, {}}, .target = "s"});
  CHECK(service->output().take() == "MSG s 1 r 0\r\n\r\n");
  config.users.front().responses.reset();
  config.users.front().publish.allow = {"other"};
  service->recheck(start_time);
  CHECK(send(*service, "PUB r 0\r\n\r\n") ==
        "-ERR 'Permissions Violation for Publish to \"r\"'\r\n");
}

TEST_CASE_METHOD(Guarded, "auth: no request is given as reply that its sender may not make") {
  config.users.front().publish = {.allow = {"ask", "$JS.API.INFO"}, .deny = {}};
  auto client = open();
  send(*client, "CONNECT {\"verbose\":false,\"user\":\"u\",\"pass\":\"secret\"}\r\nSUB ask 1\r\n");
  CHECK(send(*client, "PUB ask $JS.API.STREAM.DELETE.S 0\r\n\r\n") ==
        "-ERR 'Permissions Violation for Publish with Reply of \"$JS.API.STREAM.DELETE.S\"'\r\n");
  CHECK(send(*client, "PUB ask $JS.API.INFO 0\r\n\r\n") == "MSG ask 1 $JS.API.INFO 0\r\n\r\n");
  CHECK(send(*client, "PUB ask _INBOX.1 0\r\n\r\n") == "MSG ask 1 _INBOX.1 0\r\n\r\n");
}

TEST_CASE_METHOD(Guarded, "auth: an nkey signs the nonce of INFO (AU-07, IN-03)") {
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
    Session session(ConnectionId(7), info, node, now);
    session.start(now);
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

TEST_CASE_METHOD(Guarded, "auth: changed users are applied to who is here (reload)") {
  User other;
  other.name = "o";
  config.users.push_back(other);
  auto session = open();
  send(*session,
       "CONNECT {\"verbose\":false,\"user\":\"u\",\"pass\":\"secret\"}\r\n"
       "SUB x.1 1\r\nSUB y 2\r\nSUB > 3\r\nSUB x.2 q 4\r\n");
  const auto after = [&] {
    session->recheck(start_time);
    const std::string said = session->output().take();
    return said + session->output().close_reason();
  };
  SECTION("the same: nothing happens") {
    CHECK(after().empty());
    CHECK(session->subscription_count() == 4);
  }
  SECTION("rights of a queue group keep what is in that group") {
    config.users.front().subscribe.allow = {"x.2 q", "x.1", "y", ">"};
    CHECK(after().empty());
    CHECK(session->subscription_count() == 4);
    config.users.front().subscribe.allow = {"x.2 q"};
    CHECK(after().find("\"x.2\"") == std::string::npos);
    CHECK(session->subscription_count() == 1);
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

TEST_CASE_METHOD(Guarded, "auth: users where there were none close who came without") {
  const auto users = std::exchange(config.users, {});
  auto session = open();
  send(*session, "CONNECT {\"verbose\":false}\r\n");
  auto silent = open();
  config.users = users;
  session->recheck(start_time);
  silent->recheck(start_time);
  CHECK(session->output().take() == "-ERR 'Authorization Violation'\r\n");
  CHECK(session->closing());
  CHECK_FALSE(silent->closing());
  CHECK(send(*silent, "PING\r\n") == "-ERR 'Authorization Violation'\r\n");
}

TEST_CASE_METHOD(Guarded,
                 "auth: what began before the users changed does not end under old rules") {
  const auto users = std::exchange(config.users, {});
  auto listener = open();
  CHECK(send(*listener, "SUB > 1\r\n") == "+OK\r\n");
  auto halfway = open();
  CHECK(send(*halfway, "PUB a 5\r\nhe").empty());
  auto greeted = open();
  config.users = users;
  for (Session* session : {listener.get(), halfway.get(), greeted.get()}) {
    session->recheck(start_time);
  }
  CHECK(listener->output().take() == "-ERR 'Authorization Violation'\r\n");
  CHECK(listener->closing());
  CHECK(send(*halfway, "llo\r\n") == "-ERR 'Authorization Violation'\r\n");
  CHECK_FALSE(greeted->closing());
  CHECK(greeted->next_deadline() == start_time + 2s);
  greeted->tick(start_time + 2s);
  CHECK(greeted->output().take() == "-ERR 'Authentication Timeout'\r\n");
}

TEST_CASE_METHOD(Guarded, "auth: no_auth_user takes those who were here without a name") {
  auto users = std::exchange(config.users, {});
  users.front().subscribe.deny = {"secret"};
  auto listener = open();
  CHECK(send(*listener, "SUB secret 1\r\nSUB a 2\r\n") == "+OK\r\n+OK\r\n");
  config.users = users;
  config.no_auth_user = "u";
  listener->recheck(start_time);
  CHECK_FALSE(listener->closing());
  CHECK(listener->user() == "u");
  CHECK(listener->subscription_count() == 1);
}

TEST_CASE_METHOD(Guarded, "auth: there is room for so many subscriptions only") {
  config.subscriptions_max = 2;
  auto session = open();
  send(*session, "CONNECT {\"verbose\":false,\"user\":\"u\",\"pass\":\"secret\"}\r\n");
  CHECK(send(*session, "SUB a 1\r\nSUB b 2\r\nSUB c 3\r\n") ==
        "-ERR 'maximum subscriptions exceeded'\r\n");
  CHECK(send(*session, "UNSUB 1\r\nSUB c 3\r\n").empty());
}
