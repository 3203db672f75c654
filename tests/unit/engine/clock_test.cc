// The whole engine while the wall clock is set back by hours: everything that waits goes on.

#include "test_host.h"

#include <catch2/catch.hpp>

using frond::test::client_info;
using frond::test::named;
using frond::test::TestNode;
using namespace std::chrono_literals;

namespace {

/// Set before and in the middle of each wait.
void set_back(TestNode& node) { node.wall_ahead -= 5h; }

}  // namespace

TEST_CASE("pings go on, and end a connection that does not answer") {
  TestNode node(named("n"));
  const auto client = node.client();
  set_back(node);
  node.pass(1min);
  set_back(node);
  node.pass(1min + 2s);
  CHECK(node.heard(client) == "PING\r\n");
  node.pass(4min);
  CHECK(node.closed.at(client) == "Stale Connection");
}

TEST_CASE("whoever does not authenticate is sent away in time") {
  frond::Config config = named("n");
  config.token = "secret";
  TestNode node(config);
  frond::ConnectionInfo stranger = client_info();
  stranger.trusted = false;
  node.engine->connected(frond::ConnectionId{7}, stranger, node.both());
  set_back(node);
  node.pass(3s);
  CHECK(node.closed.at(frond::ConnectionId{7}) == "Authentication Timeout");
}

TEST_CASE("the hub is dialled again") {
  frond::Config config = named("phone", "phone");
  config.hub.emplace().url = "ws://hub/leafnode";
  TestNode node(config);
  set_back(node);
  node.engine->closed(node.dials.front().connection, "refused", node.both());
  node.drain();
  set_back(node);
  node.pass(5s);
  CHECK(node.dials.size() > 1);
}

TEST_CASE("unacknowledged messages go out again, over a restart too") {
  TestNode node(named("n"));
  auto client = node.client();
  node.request(client, "$JS.API.STREAM.CREATE.S", R"({"name":"S","subjects":["s"]})");
  node.request(client, "$JS.API.CONSUMER.CREATE.S.c",
               R"({"stream_name":"S","config":{"name":"c","durable_name":"c",)"
               R"("ack_policy":"explicit","ack_wait":10000000000,"deliver_subject":"d"}})");
  node.say(client, "SUB d 1\r\nPUB s 1\r\nx\r\n");
  node.commit_all();
  CHECK(node.heard(client).find("$JS.ACK.S.c.1.1.") != std::string::npos);
  set_back(node);
  node.pass(11s);
  CHECK(node.heard(client).find("$JS.ACK.S.c.2.1.") != std::string::npos);
  set_back(node);
  node.commit_all();
  node.restart();
  client = node.client();
  node.say(client, "SUB d 1\r\n");
  node.pass(11s);
  CHECK(node.heard(client).find("$JS.ACK.S.c.3.1.") != std::string::npos);
}

TEST_CASE("a paused consumer goes on at its time of day") {
  TestNode node(named("n"));
  const auto client = node.client();
  node.request(client, "$JS.API.STREAM.CREATE.S", R"({"name":"S","subjects":["s"]})");
  node.request(client, "$JS.API.CONSUMER.CREATE.S.c",
               R"({"stream_name":"S","config":{"name":"c","durable_name":"c",)"
               R"("ack_policy":"explicit","deliver_subject":"d"}})");
  const std::string noon = "2027-01-15T12:00:00Z";  // Four hours ahead.
  node.request(client, "$JS.API.CONSUMER.PAUSE.S.c", R"({"pause_until":")" + noon + "\"}");
  node.say(client, "SUB d 1\r\nPUB s 1\r\nx\r\n");
  node.commit_all();
  for (const auto ahead : {-5h, 3h, 4h}) {
    CHECK(node.heard(client).find("$JS.ACK") == std::string::npos);
    node.wall_ahead = ahead;
    node.engine->tick(node.both());
    node.drain();
  }
  CHECK(node.heard(client).find("$JS.ACK.S.c.1.1.") != std::string::npos);
}
