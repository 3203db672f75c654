// Clients through the whole engine: what one says another hears.

#include "test_host.h"

#include <catch2/catch.hpp>

using frond::test::named;
using frond::test::TestNode;

TEST_CASE("publish, subscribe, request, no responders") {
  TestNode node(named("n"));
  const auto a = node.client();
  const auto b = node.client();
  node.say(b, "SUB greet.* 1\r\n");
  node.say(a, "PUB greet.joe 5\r\nhello\r\n");
  CHECK(node.heard(b) == "MSG greet.joe 1 5\r\nhello\r\n");
  CHECK(node.heard(a).empty());
  node.say(a, "SUB in 7\r\nPUB nobody in 0\r\n\r\n");
  CHECK(node.heard(a) == "HMSG in 7 38 38\r\nNATS/1.0 503\r\nNats-Subject: nobody\r\n\r\n\r\n");
  node.engine->closed(b, "gone", node.both());
  node.say(a, "PUB greet.joe in 0\r\n\r\n");
  CHECK(node.heard(a).find("503") != std::string::npos);
}

TEST_CASE("a connection that breaks the protocol is told and closed") {
  TestNode node(named("n"));
  const auto client = node.client();
  node.say(client, "BOGUS\r\n");
  CHECK(node.heard(client) == "-ERR 'Unknown Protocol Operation'\r\n");
  CHECK(node.closed.at(client) == "Protocol Violation");
}

TEST_CASE("the node tells its state by request") {
  TestNode node(named("phone", "phone"));
  const auto client = node.client();
  const std::string status = node.request(client, "$FROND.STATUS", "");
  CHECK(status.find(R"("name":"phone","domain":"phone")") != std::string::npos);
  CHECK(status.find(R"("link":{"state":"none")") != std::string::npos);
  CHECK(node.request(client, "$FROND.SYNC.INFO.NONE", "").find("10059") != std::string::npos);
  node.request(client, "$JS.API.STREAM.CREATE.S", R"({"name":"S","subjects":["s"]})");
  CHECK(node.request(client, "$FROND.SYNC.INFO.S", "").find("stream is not synced") !=
        std::string::npos);
}

TEST_CASE("JetStream answers under the node's own domain, and maps KV writes there") {
  TestNode node(named("phone", "phone"));
  const auto client = node.client();
  CHECK(node.request(client, "$JS.phone.API.INFO", "").find(R"("domain":"phone")") !=
        std::string::npos);
  node.request(client, "$JS.API.STREAM.CREATE.KV_b", R"({"name":"KV_b","subjects":["$KV.b.>"]})");
  CHECK(node.request(client, "$JS.phone.API.$KV.b.k", "v") ==
        R"({"stream":"KV_b","domain":"phone","seq":1})");
}

TEST_CASE("a node with a hub dials it and says how that goes") {
  frond::Config config = named("phone", "phone");
  frond::HubConfig& hub = config.hub.emplace();
  hub.url = "ws://hub/leafnode";
  hub.domain = "hub";
  TestNode node(config);
  REQUIRE(node.dials.size() == 1);
  CHECK(node.dials.front().url == "ws://hub/leafnode");
  CHECK(static_cast<std::uint64_t>(node.dials.front().connection) >= 0x8000'0000);
  node.engine->closed(node.dials.front().connection, "refused", node.both());
  node.drain();
  CHECK(node.engine->status_json().find(R"("state":"offline")") != std::string::npos);
  node.pass(std::chrono::minutes(1));
  CHECK(node.dials.size() > 1);
}

TEST_CASE("a node that has dialled its hub shakes hands and announces what it hears") {
  frond::Config config = named("phone", "phone");
  frond::HubConfig& hub = config.hub.emplace();
  hub.url = "ws://hub/leafnode";
  hub.domain = "hub";
  hub.user = "lu";
  hub.password = "lp";
  TestNode node(config);
  const frond::ConnectionId link = node.dials.front().connection;
  frond::ConnectionInfo info;
  info.kind = frond::ConnectionKind::hub;
  info.websocket = true;
  node.engine->connected(link, info, node.both());
  node.drain();
  CHECK(node.heard(link).empty());
  node.say(link,
           "INFO {\"server_id\":\"N1\",\"server_name\":\"hub\",\"version\":\"2.15.1\",\"proto\":1,"
           "\"headers\":true,\"max_payload\":1048576,\"client_id\":5,\"nonce\":\"abc\","
           "\"domain\":\"hub\",\"jetstream\":true,\"leafnode_urls\":[\"127.0.0.1:7422\"],"
           "\"info_on_connect\":true}\r\n");
  const std::string hello = node.heard(link);
  CHECK(hello.find("CONNECT {") == 0);
  CHECK(hello.find("\r\nPING\r\n") != std::string::npos);
}

TEST_CASE("a domain that makes no subject is not listened for, and nothing else suffers") {
  for (const std::string& domain :
       {std::string("a..b"), std::string("a b"), std::string(600, '.')}) {
    TestNode node(named("n", domain));
    const auto client = node.client();
    CHECK(node.request(client, "$JS.API.INFO", "").find("account_info") != std::string::npos);
    node.request(client, "$JS.API.STREAM.CREATE.S", R"({"name":"S","subjects":["s"]})");
    node.request(client, "$JS.API.CONSUMER.CREATE.S.c",
                 R"({"stream_name":"S","config":{"name":"c","ack_policy":"explicit"}})");
    CHECK(node.request(client, "s", "x").find(R"("seq":1)") != std::string::npos);
  }
}

TEST_CASE("nobody listens for a deleted stream any more") {
  TestNode node(named("n"));
  const auto client = node.client();
  node.request(client, "$JS.API.STREAM.CREATE.S", R"({"name":"S","subjects":["s.*"]})");
  CHECK(node.request(client, "s.1", "x").find(R"("seq":1)") != std::string::npos);
  node.request(client, "$JS.API.STREAM.DELETE.S", "");
  CHECK(node.request(client, "s.1", "x").find("503") != std::string::npos);
}

TEST_CASE("users that change end clients and leafs alike") {
  frond::Config config = named("hub");
  frond::User user;
  user.name = "u";
  user.password = "p";
  config.users = {user};
  TestNode node(config);
  const frond::ConnectionId leaf{50};
  frond::ConnectionInfo info;
  info.kind = frond::ConnectionKind::leaf;
  node.engine->connected(leaf, info, node.both());
  node.say(leaf, R"(CONNECT {"name":"l","user":"u","pass":"p"})"
                 "\r\nPING\r\n");
  const frond::ConnectionId client{51};
  info.kind = frond::ConnectionKind::client;
  node.engine->connected(client, info, node.both());
  node.say(client, R"(CONNECT {"user":"u","pass":"p"})"
                   "\r\n");
  REQUIRE(node.closed.empty());
  config.users.front().password = "other";
  node.engine->change_access(config, node.both());
  node.drain();
  CHECK(node.closed.contains(leaf));
  CHECK(node.closed.contains(client));
}
