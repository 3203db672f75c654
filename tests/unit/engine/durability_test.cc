// Law 2 through the whole engine: nothing that promises anything leaves before its commit is back.

#include "test_host.h"

#include <catch2/catch.hpp>

using frond::test::named;
using frond::test::TestNode;

namespace {

constexpr std::string_view orders = R"({"name":"ORDERS","subjects":["orders.>"],"storage":"file"})";

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

void publish(TestNode& node, frond::ConnectionId client, std::string_view subject,
             std::string_view body) {
  node.say(client, "PUB " + std::string(subject) + " ack " + std::to_string(body.size()) + "\r\n" +
                       std::string(body) + "\r\n");
}

}  // namespace

TEST_CASE("a PubAck waits for its commit") {
  for (const bool appends : {true, false}) {
    TestNode node(named("n"), appends);
    const auto client = node.client();
    REQUIRE(contains(node.request(client, "$JS.API.STREAM.CREATE.ORDERS", orders), "did_create"));
    node.say(client, "SUB ack 1\r\n");
    publish(node, client, "orders.1", "tea");
    CHECK(node.heard(client).empty());
    REQUIRE(node.commits.size() == 1);
    publish(node, client, "orders.2", "milk");
    CHECK(node.heard(client).empty());
    // What came while a commit was in the air shares the next one.
    CHECK(node.commits.size() == 1);
    node.commit();
    CHECK(node.heard(client) == "MSG ack 1 27\r\n{\"stream\":\"ORDERS\",\"seq\":1}\r\n");
    node.commit();
    CHECK(node.heard(client) == "MSG ack 1 27\r\n{\"stream\":\"ORDERS\",\"seq\":2}\r\n");
  }
}

TEST_CASE("a create is answered when it is durable") {
  TestNode node(named("n"));
  const auto client = node.client();
  node.say(client, "SUB r 1\r\nPUB $JS.API.STREAM.CREATE.ORDERS r " +
                       std::to_string(orders.size()) + "\r\n" + std::string(orders) + "\r\n");
  CHECK(node.heard(client).empty());
  node.commit_all();
  CHECK(contains(node.heard(client), "stream_create_response"));
}

TEST_CASE("a failed commit refuses its publishes, forgets them and goes on") {
  for (const bool appends : {true, false}) {
    TestNode node(named("n"), appends);
    const auto client = node.client();
    node.request(client, "$JS.API.STREAM.CREATE.ORDERS", orders);
    node.say(client, "SUB ack 1\r\n");
    publish(node, client, "orders.1", "kept");
    node.commit();
    node.heard(client);
    publish(node, client, "orders.2", "lost");
    publish(node, client, "orders.3", "lost too");
    node.commit("QuotaExceededError");
    const std::string refused = node.heard(client);
    CHECK(contains(refused, R"("err_code":10077)"));
    CHECK(refused.find("10077") != refused.rfind("10077"));
    CHECK(contains(node.request(client, "$JS.API.STREAM.INFO.ORDERS", ""), R"("messages":1,)"));
    publish(node, client, "orders.4", "again");
    node.pass(std::chrono::seconds(1));  // The next commit comes after a pause.
    node.commit_all();
    CHECK(contains(node.heard(client), R"({"stream":"ORDERS","seq":2})"));
    CHECK(node.notices.size() == 1);
    CHECK(node.notices.front().kind == frond::NoticeKind::storage_failed);
  }
}

TEST_CASE("what was acknowledged is there after a crash, what was not is not half there") {
  for (const bool appends : {true, false}) {
    TestNode node(named("n"), appends);
    auto client = node.client();
    node.request(client, "$JS.API.STREAM.CREATE.ORDERS", orders);
    for (int i = 0; i < 100; ++i) {
      publish(node, client, "orders." + std::to_string(i), "body " + std::to_string(i));
      node.commit_all();
    }
    publish(node, client, "orders.never", "in the air");
    node.restart();
    client = node.client();
    const std::string info = node.request(client, "$JS.API.STREAM.INFO.ORDERS", "");
    CHECK(contains(info, R"("messages":100,)"));
    CHECK(contains(info, R"("last_seq":100,)"));
    CHECK(contains(node.request(client, "$JS.API.STREAM.MSG.GET.ORDERS", R"({"seq":57})"),
                   R"("subject":"orders.56")"));
  }
}

TEST_CASE("a consumer is not shown what may still be lost") {
  TestNode node(named("n"));
  const auto client = node.client();
  node.request(client, "$JS.API.STREAM.CREATE.ORDERS", orders);
  node.request(
      client, "$JS.API.CONSUMER.CREATE.ORDERS.c",
      R"({"stream_name":"ORDERS","config":{"name":"c","durable_name":"c","ack_policy":"explicit"}})");
  node.say(client, "SUB in 9\r\nPUB $JS.API.CONSUMER.MSG.NEXT.ORDERS.c in 1\r\n1\r\n");
  node.commit_all();
  publish(node, client, "orders.1", "tea");
  CHECK(node.heard(client).empty());
  node.commit();
  CHECK(contains(node.heard(client), "MSG orders.1 9 $JS.ACK.ORDERS.c.1.1.1."));
}
