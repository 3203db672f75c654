// Who comes in, by nats-server's rules and in its order.
#include "access/login.h"
#include "base/secret.h"

#include <catch2/catch.hpp>
#include <string>

using namespace frond;
using frond::access::authenticate;
using frond::access::authenticate_leaf;
using frond::access::Login;
using frond::access::Verdict;

namespace {

using enum frond::access::Verdict::Kind;

User named(const std::string& name, const std::string& password) {
  User user;
  user.name = name;
  user.password = password;
  return user;
}

Verdict::Kind client(const Config& config, const Login& login) {
  return authenticate(config, login, nullptr).kind;
}

}  // namespace

TEST_CASE("silence is no user, no password and no token") {
  Config config;
  config.users = {named("a", "x"), named("b", "")};
  config.no_auth_user = "a";
  CHECK(client(config, {}) == admitted);
  CHECK(client(config, {.password = "x"}) == refused);
  CHECK(client(config, {.token = "x"}) == refused);
  CHECK(client(config, {.user = "b"}) == admitted);
  CHECK(client(config, {.user = "b", .password = "x"}) == refused);
  config.no_auth_user.clear();
  CHECK(client(config, {}) == refused);
}

TEST_CASE("who says nothing by WebSocket is whom the websocket block names, and only there") {
  Config config;
  config.users = {named("a", "x"), named("b", "y")};
  config.websocket_no_auth_user = "b";
  CHECK(client(config, {}) == refused);
  CHECK(authenticate(config, {.websocket = true}, nullptr).user == &config.users[1]);
  config.no_auth_user = "a";
  CHECK(authenticate(config, {}, nullptr).user == &config.users[0]);
  CHECK(authenticate(config, {.websocket = true}, nullptr).user == &config.users[1]);
}

TEST_CASE("connection types keep a user to its ways in") {
  Config config;
  config.users = {named("a", "x")};
  ConnectionTypes& types = config.users[0].connection_types;
  const auto ways = [&](bool leaf, bool websocket) {
    const Login login{.user = "a",
                      .password = "x",
                      .kind = leaf ? ConnectionKind::leaf : ConnectionKind::client,
                      .websocket = websocket};
    return (leaf ? authenticate_leaf(config, login, nullptr) : authenticate(config, login, nullptr))
               .kind == admitted;
  };
  types = {.standard = true, .websocket = false, .leafnode = false, .leafnode_ws = false};
  CHECK((ways(false, false) && !ways(false, true) && !ways(true, false) && !ways(true, true)));
  types = {.standard = false, .websocket = true, .leafnode = false, .leafnode_ws = false};
  CHECK((!ways(false, false) && ways(false, true) && !ways(true, false) && !ways(true, true)));
  types = {.standard = false, .websocket = false, .leafnode = true, .leafnode_ws = false};
  CHECK((!ways(false, false) && !ways(false, true) && ways(true, false) && !ways(true, true)));
  types = {.standard = false, .websocket = false, .leafnode = false, .leafnode_ws = true};
  CHECK((!ways(false, false) && !ways(false, true) && !ways(true, false) && ways(true, true)));
  config.no_auth_user = "a";
  CHECK(client(config, {}) == refused);
}

TEST_CASE("an nkey decides alone where some users have one") {
  Config config;
  config.users = {named("a", "x")};
  CHECK(client(config, {.user = "a", .password = "x", .nkey = "UB"}) == admitted);
  User signer;
  signer.nkey = "UA";
  config.users.push_back(signer);
  CHECK(client(config, {.user = "a", .password = "x", .nkey = "UB"}) == refused);
  CHECK(client(config, {.user = "a", .password = "x"}) == admitted);
  CHECK(client(config, {.nkey = "UA"}) == refused);
  CHECK(client(config, {.user = "UA"}) == refused);
  config.no_auth_user = "UA";
  CHECK(authenticate(config, {}, nullptr).user == &config.users[1]);
  CHECK(client(config, {.password = "x"}) == refused);
}

TEST_CASE("a signature is one of the nonce that was given") {
  struct Agreeable : Verifier {
    bool verify(std::string_view, std::string_view, std::string_view) const override {
      return true;
    }
  } verifier;
  Config config;
  config.users.emplace_back().nkey = "UA";
  const auto signs = [&](std::string_view nonce, std::string_view signature) {
    return authenticate(config, {.nkey = "UA", .signature = signature, .nonce = nonce}, &verifier)
        .kind;
  };
  CHECK(signs("n", "c2ln") == admitted);
  CHECK(signs("", "c2ln") == refused);
  CHECK(signs("n", "no base64!") == refused);
  CHECK(authenticate(config, {.nkey = "UA", .signature = "c2ln", .nonce = "n"}, nullptr).kind ==
        refused);
}

TEST_CASE("a hash is compared by the host, as text it lets nobody in") {
  const std::string hash = "$2a$11$abcdefghijklmnopqrstuuKlMnOpQrStUvWxYzAbCdEfGhIjKlMnO";
  Config config;
  config.users = {named("a", hash)};
  CHECK(client(config, {.user = "a", .password = hash}) == unsettled);
  CHECK(client(config, {.user = "a", .password = "x", .matched = hash}) == admitted);
  CHECK(client(config, {.user = "a", .password = "x", .matched = "$2a$11$other"}) == unsettled);
  CHECK(client(config, {.user = "b", .password = "x"}) == refused);
  config.no_auth_user = "a";
  CHECK(client(config, {}) == refused);
  for (const char* text : {"$2a$11$", "$2b$04$x", "$2y$31$y", "$2x$10$z"}) {
    CHECK(base::is_bcrypt(text));
  }
  for (const char* text : {"", "$2a$", "$2c$10$x", "2a$10$x", "$2a$1$xx", "$2a$1x$x", "$1a$10$"}) {
    CHECK_FALSE(base::is_bcrypt(text));
  }
}

TEST_CASE("leafs have users of their own, or come as clients do") {
  Config config;
  config.users = {named("a", "x")};
  const auto leaf = [&](const Login& login) {
    return authenticate_leaf(config, login, nullptr).kind;
  };
  CHECK(leaf({}) == refused);
  CHECK(leaf({.user = "a", .password = "x"}) == admitted);
  config.leaf_users = {named("l", "y")};
  CHECK(leaf({.user = "a", .password = "x"}) == refused);
  CHECK(leaf({.user = "l", .password = "y"}) == admitted);
  CHECK(leaf({}) == refused);
  config.no_auth_user = "a";
  CHECK(leaf({}) == refused);
  // Who signs has no name to come by, and no password either.
  config.leaf_users.push_back(named("", ""));
  config.leaf_users.back().nkey = "UA";
  CHECK(leaf({}) == refused);
  config = Config();
  CHECK(leaf({}) == admitted);
  config.token = "t";
  CHECK(leaf({}) == refused);
  CHECK(leaf({.token = "t"}) == admitted);
}

TEST_CASE("secrets are the same or they are not") {
  CHECK(base::same_secret("", ""));
  CHECK(base::same_secret("abc", "abc"));
  CHECK_FALSE(base::same_secret("abc", "abd"));
  CHECK_FALSE(base::same_secret("abcabc", "abc"));
  CHECK_FALSE(base::same_secret("", "abc"));
  CHECK_FALSE(base::same_secret("a", ""));
}
