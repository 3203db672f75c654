// What a file says of who may come in is kept or ends the start: never half of it.
#include "settings_reading.h"

#include <cstdlib>

using namespace frond;
using namespace frond::server;

namespace {

/// The names of those who may come in, in order.
std::string names(std::string_view text) {
  std::string all;
  for (const User& user : read(text).engine.users) {
    all += user.name + ":" + user.password + " ";
  }
  return all;
}

}  // namespace

TEST_CASE("keys about access match however they are written") {
  CHECK(names("AUTHORIZATION { Users: [ {USER: a, PassWord: x} ] }") == "a:x ");
  CHECK(names("Authorization { USER: a, PASS: x }") == "a:x ");
  CHECK(read("authorization { Token: t }").engine.token == "t");
  CHECK(names("Accounts { A { USERS: [ {Username: a, PASSWORD: x} ] } }") == "a:x ");
  CHECK(read("LeafNodes { Port: -1, AUTHORIZATION { UsErS: [ {USER: l, pass: x} ] } }")
            .engine.leaf_users.size() == 1);
  const Settings s = read(
      "authorization { USERS: [ {user: a, PERMISSIONS: {PUBLISH: {ALLOW: x}, SUB: {DENY: y}}} ] }");
  CHECK(s.engine.users[0].publish.allow == std::vector<std::string>{"x"});
  CHECK(s.engine.users[0].subscribe.deny == std::vector<std::string>{"y"});
}

TEST_CASE("blocks stand in any order") {
  const std::string accounts = "accounts { A { users: [ {user: a, password: x} ] } }\n";
  CHECK(names(accounts + "authorization { timeout: 1 }") == "a:x ");
  CHECK(names("authorization { timeout: 1 }\n" + accounts) == "a:x ");
  CHECK(read("no_auth_user: a\n" + accounts).engine.no_auth_user == "a");
  CHECK(error_of("no_auth_user: b\n" + accounts).find("not present as user") != std::string::npos);
  CHECK(error_of("no_auth_user: a").find("users/nkeys are not defined") != std::string::npos);
  CHECK(error_of("authorization { user: a }\nno_auth_user: a").find("not defined") !=
        std::string::npos);
  CHECK(error_of(accounts + "authorization { token: t }").find("token and a users") !=
        std::string::npos);
  CHECK(error_of("authorization { user: u, pass: p }\n" + accounts).find("single user") !=
        std::string::npos);
  CHECK(error_of(accounts + "authorization { users: [ {user: b} ] }").find("one account") !=
        std::string::npos);
}

TEST_CASE("what is half said, or said twice, ends the start") {
  for (const char* text : {
           "authorization { pass: x }",
           "authorization { user: \"\", pass: x }",
           "authorization { token: \"\" }",
           "authorization { user: a, token: t }",
           "authorization { user: a, USER: b }",
           "authorization { user: a, username: b }",
           "authorization { user: a, pass: x, password: y }",
           "authorization { user: a, users: [ {user: b} ] }",
           "authorization { users: [ {user: a, pass: x, PASSWORD: y} ] }",
           "authorization { user: a, pass: x }\nauthorization { }",
           "authorization { user: a, pass: x } authorization { }",
           "authorization { user: a, pass: x, user: b }",
           "authorization { users: [ {user: a} ], users: [ ] }",
           "authorization { users: [ {user: a} {user: b} ] }",
           "authorization { users: [ {user: a, pass: x, pass: y} ] }",
           "authorization { users: [ {user: a, permissions {publish: x}, permissions {} } ] }",
           "authorization { users: [ {user: a, permissions {publish {deny: x}, publish {}}} ] }",
           "authorization { users: [ {user: a, permissions {publish {deny: x}, pub {}}} ] }",
           "authorization { users: [ {user: a, permissions {publish {deny: x} pub {}}} ] }",
           "authorization { users: [ {user: a, permissions {subscribe: x, EXPORT: y}} ] }",
           "authorization { users: [ {user: a, permissions {publish {deny: x, deny: y}}} ] }",
           "authorization { users: [ {user: a, permissions {allow_responses {max: 1, max_msgs: "
           "2}}} ] }",
           "authorization { permissions {publish: x}, permissions {} }",
           "accounts { A { users: [ {user: a} ] } }\naccounts { }",
           "accounts { A { users: [ {user: a} ] }\n A { } }",
           "accounts { A { users: [ {user: a} ] } A { } }",
           "accounts { A { users: [ {user: a} ], users: [ ] } }",
           "accounts { $SYS { users: [ {user: s} ], users: [ ] }, A { } }",
           "V { users: [ {user: a} ] }\nw: $V\naccounts { A: $V, A: { } }",
           "no_auth_user: a\nno_auth_user: b\nauthorization { users: [ {user: a}, {user: b} ] }",
           "system_account: A\nsystem: B\naccounts { A {}, B {}, C { users: [ {user: a} ] } }",
           "leafnodes { port: -1, authorization { user: a } }\nleafnodes { port: -1 }",
           "leafnodes { port: -1, authorization { user: a } }\nleaf { port: -1 }",
           "leafnodes { port: -1, authorization { user: a }, authorization { } }",
           "leafnodes { port: -1, authorization { user: a, pass: x, pass: y } }",
           "accounts { A { users: [ {user: a} ] } }\nleafnodes { port: -1, authorization { users: ["
           " {user: k, account: B}, {user: l, account: A} ] } }",
           "leafnodes { remotes [ {url: \"nats://a:1\", url: \"nats://b:1\"} ] }",
           "leafnodes { remotes [ {url: \"nats://a:1\", nkey: SUxx} ] }",
           "leafnodes { remotes [ {url: \"nats://a:1\", credentials: \"/\"} ] }",
           "websocket { port: -1, no_tls: true, no_tls: false }",
           "websocket { port: -1, no_tls: true }\nws { port: -1, no_tls: true }",
           "jetstream { store_dir: \"/a\" }\njetstream: true",
           "authorization { users: [ {user: a}, {user: a} ] }",
           "authorization { users: {user: a} }",
           "authorization { users: [ a ] }",
           "authorization { user: 7 }",
           "authorization { user: a, pass: 1234 }",
           "authorization { user: a, pass: true }",
           "authorization { user: a, pass: [x] }",
           "authorization { userz: [] }",
           "authorization { users: [ {user: a, role: x} ] }",
           "authorization { users: [ {user: a, permissions: {publsh: x}} ] }",
           "authorization { users: [ {user: a, permissions: {publish: {alow: x}}} ] }",
           "authorization { users: [ {user: a, permissions: {publish: \"a..b\"}} ] }",
           "authorization { users: [ {user: a, permissions: {publish: \"a q\"}} ] }",
           "authorization { users: [ {user: a, permissions: {subscribe: \"a q r\"}} ] }",
           "authorization { users: [ {user: a, permissions: {allow_responses: {max: x}}} ] }",
           "authorization { users: [ {user: a, allowed_connection_types: [STANDRAD]} ] }",
           "authorization { auth_callout {} }",
           "authorization { proxy_required: true }",
           "authorization: x",
           "accounts { A { users: [ {user: a} ], imports: [] } }",
           "accounts { A { users: [] }, B { users: [] } }",
           "accounts { $SYS { users: [ {user: s} ] } }",
           "accounts { $SYS { users: [ {user: s} ] }, A { } }",
           "accounts { $SYS { Users: [ {user: s} ], exports: [] }, A { } }",
           "accounts [ A ]",
           "system_account: A",
           "system_account: A\naccounts { B { users: [ {user: a} ] } }",
           "leafnodes { port: -1, authorization { pass: x } }",
           "leafnodes { port: -1, authorization { users: [ {user: a, permissions: {}} ] } }",
           "leafnodes { port: -1, authorization { user: a, users: [ {user: b} ] } }",
           "leafnodes { port: -1, authorization { token: x } }",
           "leafnodes { port: -1, authorization { user: a, account: A } }",
           "leafnodes { port: -1, min_version: 2.10.0 }",
           "accounts { A { users: [ {user: a} ] } }\nleafnodes { authorization { user: l } }",
           "websocket { port: -1, no_tls: true, authorization { user: a } }",
           "websocket { port: -1, no_tls: true, no_auth_user: a }",
           "websocket { port: -1, no_tls: true, allowed_origins: [ \"https://a.example\" ] }",
           "mappings { a: b }",
           "default_sentinel: x",
           "max_sub_tokens: 3",
       }) {
    INFO(text);
    CHECK(error_of(text).starts_with("x.conf:"));
  }
}

TEST_CASE("what says nothing of access may be said again") {
  CHECK(read("port: 1\nport: 2").clients.port == 2);
  CHECK(read("V: a\nV: b\nauthorization { user: $V }").engine.users[0].name == "b");
  CHECK(error_of("host: a\nnet: b") == "x.conf:2: \"net\" is given twice: \"host\" is the same");
  CHECK(error_of("authorization { user: a }\nauthorization { }") ==
        "x.conf:2: \"authorization\" is given twice");
}

TEST_CASE("several ways in, each with what it may") {
  const Settings s = read(R"(
    authorization {
      users: [
        { user: a, allowed_connection_types: ["standard", "Leafnode_WS"] }
        { user: b, permissions: {} }
        { user: c, clients: [MQTT] }
        { user: d, connection_types: [] }
      ]
      permissions: { publish: d }
    })");
  const auto& users = s.engine.users;
  CHECK(users[0].connection_types ==
        ConnectionTypes{
            .standard = true, .websocket = false, .leafnode = false, .leafnode_ws = true});
  CHECK(users[0].publish.allow == std::vector<std::string>{"d"});
  CHECK(users[1].publish.allow.empty());
  CHECK(users[2].connection_types == ConnectionTypes{false, false, false, false});
  CHECK(users[3].connection_types == ConnectionTypes{});
}

TEST_CASE("who says nothing by WebSocket") {
  const Settings s = read(
      "authorization { users: [ {user: a}, {user: b} ] }\n"
      "websocket { port: -1, no_tls: true, no_auth_user: b }");
  CHECK(s.engine.no_auth_user.empty());
  CHECK(s.engine.websocket_no_auth_user == "b");
}

TEST_CASE("hashes of passwords are taken, but for those that take too long") {
  const std::string hash = "$2a$11$3kIDaCxw.Glsl1.u5nKa6eUnNDLV5HV9tIuUp7EHhMt6Nm9myW1aS";
  CHECK(names("authorization { user: a, pass: " + hash + " }") == "a:" + hash + " ");
  CHECK(read("authorization { token: \"" + hash + "\" }").engine.token == hash);
  std::string slow = hash;
  slow.replace(4, 2, "20");
  for (const std::string& text :
       {"authorization { user: a, pass: \"" + slow + "\" }",
        "authorization { token: \"" + slow + "\" }",
        "authorization { users: [ {user: a, pass: \"" + slow + "\"} ] }",
        "leafnodes { port: -1, authorization { user: a, pass: \"" + slow + "\" } }"}) {
    CHECK(error_of(text).find("bcrypt hashes of a cost above 14") != std::string::npos);
  }
  // nats-server knows $2a$ without quotes only: another is a variable that is not there.
  CHECK(error_of("authorization { user: a, pass: $2b$11$x }").find("variable") !=
        std::string::npos);
}

TEST_CASE("an account has a JetStream when its block says so") {
  const auto without = [](std::string_view text) { return read(text).account_without_jetstream; };
  CHECK(without("accounts { A { users: [ {user: a} ] } }"));
  CHECK(without("accounts { A { users: [ {user: a} ], jetstream: disabled } }"));
  CHECK_FALSE(without("accounts { A { users: [ {user: a} ], jetstream: enabled } }"));
  CHECK_FALSE(without("accounts { A { } }"));
  const Settings s =
      read("accounts { A { users: [ {user: a} ], jetstream: { max_mem: 1K, max_file: 2K } } }");
  CHECK(s.engine.memory_bytes_max == 1000);
  CHECK(s.engine.storage_bytes_max == 2000);
}

TEST_CASE("limits are honoured or refused") {
  CHECK(read("max_connections: 5").engine.connections_max == 5);
  CHECK(read("max_conn: 0").engine.connections_max == 0);
  CHECK(read("max_conn: -1").engine.connections_max == 0);
  CHECK(read("max_subscriptions: 7").engine.subscriptions_max == 7);
  CHECK(error_of("max_payload: -1").find("out of its range") != std::string::npos);
  CHECK(error_of("max_control_line: 3GB").find("out of its range") != std::string::npos);
}

TEST_CASE("a variable of the environment is read as the file would be") {
  ::setenv("FROND_TEST_SECRET", "\"a b\"", 1);
  CHECK(names("authorization { user: u, pass: $FROND_TEST_SECRET }") == "u:a b ");
  ::setenv("FROND_TEST_SECRET", "1234", 1);
  CHECK(error_of("authorization { user: u, pass: $FROND_TEST_SECRET }").find("string") !=
        std::string::npos);
  ::setenv("FROND_TEST_SECRET", "$FROND_TEST_SECRET", 1);
  CHECK(error_of("authorization { user: u, pass: $FROND_TEST_SECRET }").find("cycle") !=
        std::string::npos);
  ::setenv("FROND_TEST_SECRET", "", 1);
  CHECK(error_of("authorization { user: u, pass: $FROND_TEST_SECRET }").starts_with("x.conf:"));
}
