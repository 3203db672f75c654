#include "access/secret_check.h"

#include "base/limits.h"

#include <catch2/catch.hpp>

#include <string>

namespace frond::access {
namespace {

const Verdict unsettled{
    .kind = Verdict::Kind::unsettled, .user = nullptr, .hash = "$2a$04$hash", .secret = "guess"};

}  // namespace

TEST_CASE("the host is asked for the hash and the secret of the connection") {
  SecretCheck check;
  CHECK_FALSE(check.pending());
  const CheckSecret asked = check.begin(ConnectionId{7}, unsettled);
  CHECK(check.pending());
  CHECK(asked.connection == ConnectionId{7});
  CHECK(asked.hash == "$2a$04$hash");
  CHECK(asked.secret == "guess");
}

TEST_CASE("a hash counts as matched once the host has said so, and until the next CONNECT") {
  SecretCheck check;
  check.begin(ConnectionId{7}, unsettled);
  CHECK(check.matched().empty());
  check.settle(true);
  CHECK(check.matched() == "$2a$04$hash");
  check.forget();
  CHECK(check.matched().empty());
  check.begin(ConnectionId{7}, unsettled);
  check.settle(false);
  CHECK(check.matched().empty());
}

TEST_CASE("what comes meanwhile is kept in order, and handed back once") {
  SecretCheck check;
  check.begin(ConnectionId{7}, unsettled);
  CHECK(check.keep("PI"));
  CHECK(check.keep("NG\r\n"));
  CHECK(check.settle(true) == "PING\r\n");
  CHECK_FALSE(check.pending());
  check.begin(ConnectionId{7}, unsettled);
  CHECK(check.settle(true).empty());
}

TEST_CASE("somebody whom nobody has let in may have so much waiting and no more") {
  SecretCheck check;
  check.begin(ConnectionId{7}, unsettled);
  CHECK(check.keep(std::string(base::held_bytes_max - 1, 'x')));
  CHECK_FALSE(check.keep("xx"));
  CHECK(check.keep("x"));
  CHECK_FALSE(check.keep("x"));
}

}  // namespace frond::access
