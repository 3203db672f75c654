// Passwords that are kept as hashes: the host compares them, and the client waits for it.
#include "unit/session/guarded_rig.h"

#include <utility>

using namespace frond;
using namespace std::chrono_literals;
using frond::session::Guarded;
using frond::session::refused;
using frond::session::Session;
using frond::session::start_time;

namespace {

const std::string hash = "$2a$04$abcdefghijklmnopqrstuuKlMnOpQrStUvWxYzAbCdEfGhIjKlMnO";
const std::string login = "CONNECT {\"verbose\":false,\"user\":\"u\",\"pass\":\"secret\"}\r\n";

struct Hashed : Guarded {
  Outbox checks;
  Hashed() {
    config.users.front().password = hash;
    node.checks = &checks;
  }
  /// What the host is asked to compare.
  std::vector<CheckSecret> asked() {
    std::vector<CheckSecret> found;
    for (Output& output : checks.take()) {
      found.push_back(std::get<CheckSecret>(output));
    }
    return found;
  }
};

}  // namespace

TEST_CASE_METHOD(Hashed, "auth: a hash is not its own password, and is compared by the host") {
  auto session = open();
  CHECK(send(*session, login + "PING\r\n").empty());
  const auto one = asked();
  REQUIRE(one.size() == 1);
  CHECK(one[0].connection == session->output().id());
  CHECK(one[0].hash == hash);
  CHECK(one[0].secret == "secret");
  CHECK(send(*session, "PUB a 0\r\n\r\nPI").empty());
  SECTION("the right one: what was said meanwhile counts") {
    session->secret_checked(true, now);
    CHECK(session->output().take() == "PONG\r\n");
    CHECK(session->user() == "u");
    CHECK(send(*session, "NG\r\n") == "PONG\r\n");
    session->recheck(now);
    CHECK_FALSE(session->closing());
  }
  SECTION("the wrong one: nothing of it does") {
    session->secret_checked(false, now);
    CHECK(session->output().take() + session->output().close_reason() == refused);
  }
  SECTION("its time runs out only when it has said nothing") {
    session->tick(start_time + 3s);
    CHECK_FALSE(session->closing());
  }
  SECTION("the hash has changed meanwhile") {
    config.users.front().password = "other";
    session->recheck(now);
    session->secret_checked(true, now);
    CHECK(session->output().take() + session->output().close_reason() == refused);
  }
  SECTION("the user is gone meanwhile") {
    config.users.front().name = "v";
    session->secret_checked(true, now);
    CHECK(session->output().take() + session->output().close_reason() == refused);
  }
  SECTION("it says too much before the answer") {
    const std::string much(65 * 1024, 'x');
    CHECK(send(*session, much) + session->output().close_reason() == refused);
  }
  CHECK(asked().empty());
}

TEST_CASE_METHOD(Hashed, "auth: an answer to a question of another CONNECT lets nobody in") {
  auto session = open();
  send(*session, login);
  session->secret_checked(true, now);
  // The proof of the first CONNECT is none of the second.
  send(*session, "CONNECT {\"verbose\":false,\"user\":\"u\",\"pass\":\"wrong\"}\r\nPING\r\n");
  CHECK(asked().size() == 2);
  session->secret_checked(false, now);
  CHECK(session->output().take() + session->output().close_reason() == refused);
  // Nobody asked.
  auto other = open();
  other->secret_checked(true, now);
  CHECK(send(*other, "PING\r\n") == "-ERR 'Authorization Violation'\r\n");
}

TEST_CASE_METHOD(Hashed, "auth: a token may be a hash too; without a host nobody is let in") {
  config.users.clear();
  config.token = hash;
  const std::string by_token = "CONNECT {\"verbose\":false,\"auth_token\":\"t\"}\r\n";
  auto session = open();
  send(*session, by_token);
  session->secret_checked(true, now);
  CHECK(send(*session, "PING\r\n") == "PONG\r\n");
  node.checks = nullptr;
  CHECK(attempt(by_token) == refused);
  CHECK(attempt("CONNECT {\"auth_token\":\"" + hash + "\"}\r\n") == refused);
}
