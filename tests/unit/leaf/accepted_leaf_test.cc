// The accepting side: what a leaf sees of a hub, leafnode-protocol 3 and 8.

#include "leaf/accepted_leafs.h"

#include "accepted_hub.h"

namespace frond::leaf {
namespace {

TEST_CASE("a leaf is greeted, checked, told its rights and our interest, then its barrier") {
  Hub hub;
  hub.router.subscribe(hub.client, "cloud.>");
  hub.accept(one);
  CHECK(hub.said(one) ==
        "INFO {\"server_id\":\"NAB\",\"server_name\":\"hub1\",\"version\":\"2.14.0\",\"proto\":1,"
        "\"host\":\"0.0.0.0\",\"port\":4222,\"headers\":true,\"max_payload\":1048576,"
        "\"auth_required\":true,\"jetstream\":true,\"client_id\":1,\"client_ip\":\"10.0.0.1\","
        "\"domain\":\"hub\",\"leafnode_urls\":[],\"info_on_connect\":true} \r\n");
  hub.receive(one, connect);
  const std::string text = hub.said(one);
  CHECK(text.find("\"connect_info\":true,\"remote_account\":\"$G\"} \r\n") != std::string::npos);
  CHECK(text.find("import") == std::string::npos);
  CHECK(text.ends_with("} \r\nLS+ " + std::string(hub_guard) + "\r\nLS+ cloud.>\r\nPONG\r\n"));
  CHECK(hub.leafs->count() == 1);
}

TEST_CASE("members of a group over many leafs are counted exactly and announced in nine digits") {
  Hub hub;
  // Six leafs with the largest count that a line can say: more than 32 bits hold.
  for (std::uint64_t i = 1; i <= 6; ++i) {
    std::string line(connect);
    line.replace(line.find("leaf1"), 5, "leaf" + std::to_string(i));
    hub.accept(ConnectionId{i});
    hub.receive(ConnectionId{i}, line);
    hub.receive(ConnectionId{i}, "LS+ foo q 999999999\r\n");
  }
  hub.said(ConnectionId{1});
  hub.receive(ConnectionId{2}, "LS- foo q\r\nLS+ foo q 1\r\n");
  // What all others have is more than one line says, before and after.
  CHECK(hub.said(ConnectionId{1}).empty());
  for (std::uint64_t i = 6; i >= 3; --i) hub.leafs->closed(ConnectionId{i});
  CHECK(hub.said(ConnectionId{1}) == "LS+ foo q 1\r\n");
  hub.leafs->closed(ConnectionId{2});
  CHECK(hub.said(ConnectionId{1}) == "LS- foo q\r\n");
  hub.leafs->closed(ConnectionId{1});
  CHECK_FALSE(hub.router.has_interest("foo"));
}

TEST_CASE("who may not join") {
  Hub hub;
  std::string line(connect);
  std::string expected;
  SECTION("wrong password") {
    hub.config.leaf_users = {{.name = "lu", .password = "other", .publish = {}, .subscribe = {}}};
    expected = "-ERR 'Authorization Violation'\r\nCLOSE Authentication Failure";
  }
  SECTION("a user with an nkey is nobody without its signature") {
    hub.config.users = {{.name = "", .password = "", .nkey = "UA", .publish = {}, .subscribe = {}}};
    hub.config.leaf_users.clear();
    line = "CONNECT {\"name\":\"edge1\",\"cluster\":\"edge1\"}\r\n";
    expected = "-ERR 'Authorization Violation'\r\nCLOSE Authentication Failure";
  }
  SECTION("leaf users take precedence over client users") {
    hub.config.users = {{.name = "lu", .password = "lp", .publish = {}, .subscribe = {}}};
    hub.config.leaf_users = {{.name = "x", .password = "y", .publish = {}, .subscribe = {}}};
    expected = "-ERR 'Authorization Violation'\r\nCLOSE Authentication Failure";
  }
  SECTION("token") {
    hub.config.token = "s3cret";
    expected = "-ERR 'Authorization Violation'\r\nCLOSE Authentication Failure";
  }
  SECTION("anything before CONNECT") {
    line = "LS+ a\r\n";
    expected = "-ERR 'Authorization Violation'\r\nCLOSE Authentication Failure";
  }
  SECTION("a client at the wrong port") {
    line = "CONNECT {\"lang\":\"js\",\"name\":\"x\"}\r\n";
    expected = "-ERR 'attempted to connect to leaf node port'\r\nCLOSE Incorrect Port";
  }
  SECTION("our own name") {
    line = "CONNECT {\"name\":\"hub1\",\"cluster\":\"hub1\"}\r\n";
    expected = "-ERR 'remote leafnode has same cluster name'\r\nCLOSE Cluster Names Identical";
  }
  hub.accept(one);
  hub.said(one);
  hub.receive(one, line);
  CHECK(hub.said(one) == expected);
  CHECK_FALSE(hub.leafs->owns(one));
}

TEST_CASE("no CONNECT in time") {
  Hub hub;
  hub.accept(one);
  hub.said(one);
  CHECK(hub.leafs->next_deadline() == at_ms(2000));
  hub.leafs->tick(at_ms(2000));
  CHECK(hub.said(one) == "-ERR 'Authentication Timeout'\r\nCLOSE Authentication Timeout");
}

TEST_CASE("the newer of two leafs with one name stays") {
  Hub hub;
  hub.join(one);
  hub.receive(one, "LS+ a\r\n");
  hub.accept(two);
  hub.receive(two, connect);
  hub.leafs->flush();
  std::string old_end, new_end;
  for (const Output& output : hub.outbox.take()) {
    if (const auto* send = std::get_if<SendBytes>(&output)) {
      (send->connection == one ? old_end : new_end) += send->bytes;
    }
  }
  CHECK(old_end == "-ERR 'Duplicate Remote LeafNode Connection'\r\n");
  CHECK(new_end.ends_with("PONG\r\n"));
  CHECK(hub.leafs->count() == 1);
  CHECK_FALSE(hub.router.has_interest("a"));
}

TEST_CASE("leafs of one name in different clusters are two") {
  Hub hub;
  hub.join(one);
  hub.accept(two);
  hub.receive(two,
              "CONNECT {\"name\":\"leaf1\",\"cluster\":\"other\",\"remote_account\":\"$G\"}\r\n");
  CHECK(hub.leafs->count() == 2);
}

TEST_CASE("interest of other leafs is announced, a leaf's own is not") {
  Hub hub;
  hub.join(one);
  hub.accept(two);
  hub.receive(two, "CONNECT {\"name\":\"leaf2\",\"cluster\":\"leaf2\",\"headers\":false}\r\n");
  hub.said(two);
  hub.receive(one, "LS+ a.*\r\nLS+ q g 3\r\n");
  hub.leafs->flush();
  std::string to_one, to_two;
  for (const Output& output : hub.outbox.take()) {
    if (const auto* send = std::get_if<SendBytes>(&output)) {
      (send->connection == one ? to_one : to_two) += send->bytes;
    }
  }
  CHECK(to_one.empty());
  CHECK(to_two == "LS+ a.*\r\nLS+ q g 3\r\n");
  SECTION("messages cross, headers are cut for who does not read them") {
    hub.receive(two, "LS+ b\r\n");
    hub.said(one);
    hub.receive(one, "HMSG b 12 13\r\nNATS/1.0\r\n\r\nx\r\n");
    CHECK(hub.said(two) == "LMSG b 1\r\nx\r\n");
    hub.receive(one, "LMSG a.1 1\r\nx\r\n");  // Its own interest: never back.
    CHECK(hub.said(one).empty());
  }
  SECTION("the other side's interest ends with its link") {
    hub.leafs->closed(one);
    CHECK(hub.said(two) == "LS- q g\r\nLS- a.*\r\n");
  }
  SECTION("a weight that both have counts without the own part") {
    hub.receive(two, "LS+ q g 2\r\n");
    CHECK(hub.said(one) == "LS+ q g 2\r\n");
  }
  SECTION("members of its group that come and go") {
    hub.receive(one, "LS+ q g 5\r\n");
    CHECK(hub.said(two) == "LS+ q g 5\r\n");
    hub.receive(one, "LS+ q g 1\r\n");
    CHECK(hub.said(two) == "LS+ q g 1\r\n");
  }
}

TEST_CASE("permissions of a leaf user") {
  Hub hub;
  hub.config.leaf_users = {{.name = "lu",
                            .password = "lp",
                            .publish = {.allow = {"up.>"}, .deny = {}},
                            .subscribe = {.allow = {"down.>"}, .deny = {}}}};
  hub.router.subscribe(hub.client, "up.1");
  hub.router.subscribe(hub.client, "other");
  hub.accept(one);
  hub.said(one);
  hub.receive(one, connect);
  const std::string text = hub.said(one);
  CHECK(text.find("\"import\":{\"allow\":[\"down.\\u003e\"]},"
                  "\"export\":{\"allow\":[\"up.\\u003e\"]}") != std::string::npos);
  CHECK(text.find("LS+ up.1\r\n") != std::string::npos);
  CHECK(text.find("LS+ other") == std::string::npos);
  SECTION("wildcard interest is taken, messages are filtered") {
    hub.receive(one, "LS+ >\r\n");
    CHECK(hub.publish("down.1", "x") == 1);
    CHECK(hub.publish("nowhere", "x") == 0);
    CHECK(hub.said(one) == "LMSG down.1 1\r\nx\r\n");
  }
  SECTION("denied publish") {
    hub.receive(one, "LMSG other 1\r\nx\r\n");
    CHECK(hub.said(one) ==
          "-ERR 'Permissions Violation for Publish to \"other\"'\r\nCLOSE Protocol Violation");
    CHECK(hub.client.got.empty());
  }
  SECTION("denied literal interest") {
    hub.receive(one, "LS+ other\r\n");
    CHECK(hub.said(one) ==
          "-ERR 'Permissions Violation for Subscription to \"other\"'\r\nCLOSE Protocol Violation");
  }
}

TEST_CASE("a leaf whose user may only answer publishes answers, and nothing else") {
  Hub hub;
  User user{.name = "lu", .password = "lp", .publish = {}, .subscribe = {}};
  user.responses.emplace();
  hub.config.leaf_users = {user};
  hub.router.subscribe(hub.client, "_INBOX.1");
  hub.router.subscribe(hub.client, "other");
  hub.join(one);
  hub.receive(one, "LS+ service\r\n");
  SECTION("what it was not asked for") {
    hub.receive(one, "LMSG other 1\r\nx\r\n");
    CHECK(hub.said(one) ==
          "-ERR 'Permissions Violation for Publish to \"other\"'\r\nCLOSE Protocol Violation");
    CHECK(hub.client.got.empty());
  }
  SECTION("an answer, once") {
    CHECK(hub.publish("service", "x", "_INBOX.1") == 1);
    CHECK(hub.said(one) == "LMSG service _INBOX.1 1\r\nx\r\n");
    hub.receive(one, "LMSG _INBOX.1 1\r\ny\r\n");
    CHECK(hub.client.got == std::vector<std::string>{"_INBOX.1 _INBOX.1  y"});
    hub.receive(one, "LMSG _INBOX.1 1\r\ny\r\n");
    CHECK(hub.said(one).ends_with("CLOSE Protocol Violation"));
    CHECK(hub.client.got.size() == 1);
  }
  SECTION("an answer too late") {
    hub.publish("service", "x", "_INBOX.1");
    hub.receive(one, "LMSG _INBOX.1 1\r\ny\r\n", 120'001);
    CHECK(hub.said(one).ends_with("CLOSE Protocol Violation"));
    CHECK(hub.client.got.empty());
  }
  SECTION("not JetStream either") {
    hub.router.subscribe(hub.client, "$JS.hub.API.STREAM.DELETE.S");
    hub.receive(one, "LMSG $JS.hub.API.STREAM.DELETE.S 0\r\n\r\n");
    CHECK(hub.said(one).ends_with("CLOSE Protocol Violation"));
    CHECK(hub.client.got.empty());
  }
}

TEST_CASE("a leaf gives no request as reply that it might not make itself") {
  Hub hub;
  User user{.name = "lu", .password = "lp", .publish = {}, .subscribe = {}};
  SECTION("by its lists") { user.publish.allow = {"ask"}; }
  SECTION("as one who answers only") {
    user.publish.allow = {"ask"};
    user.responses.emplace();
  }
  hub.config.leaf_users = {user};
  hub.router.subscribe(hub.client, "ask");
  hub.join(one);
  hub.receive(one, "LMSG ask $JS.API.STREAM.DELETE.S 1\r\nx\r\n");
  CHECK(hub.client.got.empty());
  hub.receive(one, "LMSG ask _INBOX.1 1\r\nx\r\n");
  CHECK(hub.client.got.size() == 1);
}

TEST_CASE("the right to answer a request is not handed on as a reply") {
  Hub hub;
  User user{.name = "lu", .password = "lp", .publish = {}, .subscribe = {}};
  user.publish.allow = {"ask"};
  user.responses.emplace();
  hub.config.leaf_users = {user};
  hub.router.subscribe(hub.client, "ask");
  hub.join(one);
  hub.receive(one, "LS+ service\r\n");
  CHECK(hub.publish("service", "x", "$JS.edge.API.STREAM.DELETE.S") == 1);
  hub.receive(one, "LMSG ask $JS.edge.API.STREAM.DELETE.S 1\r\nx\r\n");
  CHECK(hub.client.got.empty());
  hub.router.subscribe(hub.client, "$JS.edge.API.STREAM.DELETE.S");
  hub.receive(one, "LMSG $JS.edge.API.STREAM.DELETE.S 1\r\ny\r\n");
  CHECK(hub.client.got.size() == 1);
}

TEST_CASE("users that change are applied to leafs that are here") {
  Hub hub;
  hub.config.leaf_users = {{.name = "lu", .password = "lp", .publish = {}, .subscribe = {}}};
  hub.join(one);
  hub.accept(two);
  hub.said(two);
  const auto after = [&] {
    hub.leafs->recheck(at_ms(1000));
    return hub.said(one);
  };
  const std::string refused = "-ERR 'Authorization Violation'\r\nCLOSE Authentication Failure";
  SECTION("the same: nothing happens") {
    CHECK(after().empty());
    CHECK(hub.leafs->owns(one));
  }
  SECTION("another password") {
    hub.config.leaf_users.front().password = "other";
    CHECK(after() == refused);
  }
  SECTION("no such user any more") {
    hub.config.leaf_users.front().name = "other";
    CHECK(after() == refused);
  }
  SECTION("other rights: it comes again to hear them") {
    hub.config.leaf_users.front().publish.allow = {"up.>"};
    CHECK(after() == "CLOSE Credentials Revoked");
  }
  SECTION("who has not joined joins by the new rules, and has its time") {
    hub.config.leaf_users.front().password = "other";
    hub.leafs->recheck(at_ms(1000));
    CHECK(hub.leafs->owns(two));
    hub.leafs->tick(at_ms(2999));
    CHECK(hub.leafs->owns(two));
    CHECK(hub.said(two).empty());
    hub.receive(two, connect);
    CHECK(hub.said(two) == refused);
  }
}

TEST_CASE("a leaf's password may be kept as a hash") {
  Hub hub;
  const std::string hash = "$2a$04$abcdefghijklmnopqrstuuKlMnOpQrStUvWxYzAbCdEfGhIjKlMnO";
  hub.config.leaf_users = {{.name = "lu", .password = hash, .publish = {}, .subscribe = {}}};
  hub.accept(one);
  hub.said(one);
  hub.receive(one, connect);
  hub.leafs->flush();
  const std::vector<Output> outputs = hub.outbox.take();
  REQUIRE(outputs.size() == 1);
  const auto* check = std::get_if<CheckSecret>(&outputs[0]);
  REQUIRE(check != nullptr);
  CHECK(check->hash == hash);
  CHECK(check->secret == "lp");
  CHECK(hub.leafs->count() == 0);
  SECTION("the right one") {
    hub.leafs->secret_checked(one, true, at_ms(100));
    CHECK(hub.said(one).ends_with("PONG\r\n"));
    CHECK(hub.leafs->count() == 1);
  }
  SECTION("the wrong one") {
    hub.leafs->secret_checked(one, false, at_ms(100));
    CHECK(hub.said(one) == "-ERR 'Authorization Violation'\r\nCLOSE Authentication Failure");
  }
}

TEST_CASE("a CONNECT that is half understood joins nobody") {
  Hub hub;
  hub.config.users = {{.name = "a", .password = "", .publish = {}, .subscribe = {}}};
  hub.config.no_auth_user = "a";
  for (const char* text :
       {R"({"user":7})", R"({"user":["a"]})", R"({"deny_pub":"a"})", "[]", "x"}) {
    hub.accept(one);
    hub.said(one);
    hub.receive(one, "CONNECT " + std::string(text) + "\r\n");
    CHECK(hub.said(one) == "CLOSE Protocol Violation");
  }
}

TEST_CASE("JetStream's subjects do not go down to a leaf, domains do") {
  Hub hub;
  hub.join(one);
  hub.receive(one, "LS+ >\r\nLS+ $JS.edge1.API.>\r\nLS+ foo..bar\r\n");
  CHECK(hub.said(one) == "-ERR 'Invalid Subscription'\r\n");
  CHECK(hub.publish("$JS.API.INFO", "") == 0);
  CHECK(hub.publish("$KV.b.k", "") == 0);
  CHECK(hub.publish("$JS.hub.API.INFO", "") == 0);
  CHECK(hub.publish("$JS.edge1.API.INFO", "", "r") == 1);
  for (const std::string& subject : domain_api_subjects("hub")) {
    hub.router.subscribe(hub.client, subject);
  }
  const std::string text = hub.said(one);
  CHECK(text.find("LS+ $JS.hub.API.STREAM.>\r\n") != std::string::npos);
  CHECK(text.find("LS+ $JS.hub.API.$KV.>\r\n") != std::string::npos);
}

TEST_CASE("a loop is found by our own guard") {
  Hub hub;
  hub.join(one);
  hub.receive(one, "LS+ " + std::string(hub_guard) + "\r\n");
  CHECK(hub.said(one) ==
        "-ERR 'Loop detected for leafnode account=\"$G\". Delaying attempt to reconnect for "
        "30s'\r\nCLOSE Protocol Violation");
}

TEST_CASE("a silent leaf is stale after its PINGs") {
  Hub hub;
  hub.join(one);
  hub.leafs->tick(at_ms(1000));
  CHECK(hub.said(one) == "PING\r\n");
  hub.receive(one, "PONG\r\n", 1040);
  hub.leafs->each([](const LeafRow& row) { CHECK(row.rtt == std::chrono::milliseconds(40)); });
  hub.leafs->tick(at_ms(121'000));
  hub.leafs->tick(at_ms(241'000));
  CHECK(hub.said(one) == "PING\r\nPING\r\n");
  hub.leafs->tick(at_ms(361'000));
  CHECK(hub.said(one) == "-ERR 'Stale Connection'\r\nCLOSE Stale Connection");
}

TEST_CASE("too large a payload and nonsense end the connection with NATS's words") {
  Hub hub;
  hub.config.payload_bytes_max = 10;
  hub.join(one);
  SECTION("payload") {
    hub.receive(one, "LMSG a 11\r\n");
    CHECK(hub.said(one) ==
          "-ERR 'Maximum Payload Violation'\r\nCLOSE Maximum Message Payload Exceeded");
  }
  SECTION("nonsense") {
    hub.receive(one, "FOO\r\n");
    CHECK(hub.said(one) == "-ERR 'Unknown Protocol Operation'\r\nCLOSE Protocol Violation");
  }
}

TEST_CASE("shutdown closes every leaf") {
  Hub hub;
  hub.join(one);
  hub.leafs->shutdown();
  CHECK(hub.said(one) == "CLOSE Server Shutdown");
  CHECK(hub.leafs->count() == 0);
}

}  // namespace
}  // namespace frond::leaf
