#include "server/access/bcrypt.h"

#include <catch2/catch.hpp>

#include "server/access/secret_checker.h"

#include <future>
#include <string>

using namespace frond;
using namespace frond::server;

namespace {

// Of "secret", cost 4.
const std::string hash = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

}  // namespace

TEST_CASE("bcrypt: the password, whatever letter the hash has, and nothing else") {
  CHECK(bcrypt_cost(hash) == 4);
  for (const char letter : {'a', 'b', 'x', 'y'}) {
    std::string other = hash;
    other[2] = letter;
    CHECK(bcrypt_matches(other, "secret"));
  }
  CHECK_FALSE(bcrypt_matches(hash, "secreT"));
  CHECK_FALSE(bcrypt_matches(hash, ""));
  CHECK_FALSE(bcrypt_matches(hash, hash));
  CHECK_FALSE(bcrypt_matches(hash, std::string("secret\0x", 8)));
  CHECK_FALSE(bcrypt_matches(hash + "x", "secret"));
  CHECK_FALSE(bcrypt_matches(hash.substr(0, 59), "secret"));
  CHECK_FALSE(bcrypt_matches("secret", "secret"));
  CHECK_FALSE(bcrypt_matches("$2a$04$", ""));
  std::string weak = hash;
  weak.replace(4, 2, "03");
  CHECK_FALSE(bcrypt_matches(weak, "secret"));
  CHECK(bcrypt_cost("$2a$31$x") == 31);
  CHECK(bcrypt_cost("secret") == 0);
}

TEST_CASE("bcrypt: compared on a thread of its own, with bounded room") {
  std::promise<bool> first;
  SecretChecker checker([&first](ConnectionId id, bool matches) {
    if (id == ConnectionId{1}) {
      first.set_value(matches);
    }
  });
  checker.check({ConnectionId{1}, hash, "secret"});
  CHECK(first.get_future().get());
  for (std::size_t i = 0; i < 2 * SecretChecker::kWaitingMax; ++i) {
    checker.check({ConnectionId{2}, hash, "wrong"});
  }
}
