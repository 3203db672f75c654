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

TEST_CASE("a duplicate's ack waits for the commit that holds the first copy") {
  TestNode node(named("n"));
  const auto client = node.client();
  node.request(client, "$JS.API.STREAM.CREATE.ORDERS", orders);
  node.say(client, "SUB ack 1\r\n");
  constexpr std::string_view once =
      "HPUB orders.1 ack 28 31\r\nNATS/1.0\r\nNats-Msg-Id: a\r\n\r\ntea\r\n";
  node.say(client, once);
  node.say(client, once);  // The first is in the air.
  CHECK(node.heard(client).empty());
  node.commit("the disk is gone");
  const std::string refused = node.heard(client);
  CHECK_FALSE(contains(refused, "duplicate"));
  CHECK(refused.find("10077") != refused.rfind("10077"));
  node.pass(std::chrono::seconds(1));
  // Neither was stored: sent again it is no duplicate, and then it is.
  node.say(client, once);
  node.say(client, once);
  CHECK(node.heard(client).empty());
  node.commit_all();
  const std::string acks = node.heard(client);
  CHECK(acks.find(R"("seq":1})") < acks.find(R"("duplicate")"));
  CHECK(contains(acks, R"("seq":1,"duplicate": true)"));
}

TEST_CASE("a stream whose deletion failed is there, with its consumers and its subjects") {
  for (const bool appends : {true, false}) {
    TestNode node(named("n"), appends);
    const auto client = node.client();
    node.request(client, "$JS.API.STREAM.CREATE.ORDERS", orders);
    constexpr std::string_view durable =
        R"({"stream_name":"ORDERS","config":{"durable_name":"c","ack_policy":"explicit"}})";
    REQUIRE(contains(node.request(client, "$JS.API.CONSUMER.CREATE.ORDERS.c", durable), "created"));
    node.say(client, "SUB ack 1\r\n");
    publish(node, client, "orders.1", "tea");
    node.commit_all();
    node.heard(client);
    node.say(client, "SUB r 2\r\nPUB $JS.API.STREAM.DELETE.ORDERS r 0\r\n\r\n");
    node.commit("the disk is full");
    CHECK(contains(node.heard(client), R"("error")"));
    node.pass(std::chrono::seconds(1));
    for (int restarts = 0; restarts < 2; ++restarts) {
      const auto reader = node.client();
      CHECK(contains(node.request(reader, "$JS.API.STREAM.INFO.ORDERS", ""), R"("messages":1,)"));
      CHECK(contains(node.request(reader, "$JS.API.CONSUMER.INFO.ORDERS.c", ""),
                     R"("num_pending":1,)"));
      node.say(reader, "SUB ack 9\r\n");
      publish(node, reader, "orders.2", "milk");
      node.commit_all();
      CHECK(contains(node.heard(reader), R"({"stream":"ORDERS","seq":)"));
      CHECK(contains(node.request(reader, "$JS.API.STREAM.PURGE.ORDERS", R"({"keep":1})"),
                     "success"));
      node.restart();
    }
  }
}

TEST_CASE("a consumer whose deletion or update failed is as it was") {
  TestNode node(named("n"));
  const auto client = node.client();
  node.request(client, "$JS.API.STREAM.CREATE.ORDERS", orders);
  const auto with = [](std::string_view description) {
    return R"({"stream_name":"ORDERS","config":{"durable_name":"c","ack_policy":"explicit",)"
           R"("description":")" +
           std::string(description) + R"("}})";
  };
  REQUIRE(contains(node.request(client, "$JS.API.CONSUMER.CREATE.ORDERS.c", with("old")), "old"));
  node.commit_all();
  const std::string update = with("new");
  node.say(client, "SUB r 2\r\nPUB $JS.API.CONSUMER.CREATE.ORDERS.c r " +
                       std::to_string(update.size()) + "\r\n" + update + "\r\n");
  node.commit("the disk is full");
  CHECK(contains(node.heard(client), R"("error")"));
  node.pass(std::chrono::seconds(1));
  CHECK(contains(node.request(client, "$JS.API.CONSUMER.INFO.ORDERS.c", ""), "old"));
  node.say(client, "PUB $JS.API.CONSUMER.DELETE.ORDERS.c r 0\r\n\r\n");
  node.commit("the disk is full");
  CHECK(contains(node.heard(client), R"("error")"));
  node.pass(std::chrono::seconds(1));
  CHECK(contains(node.request(client, "$JS.API.CONSUMER.INFO.ORDERS.c", ""), "old"));
  node.commit_all();
  node.restart();
  const auto later = node.client();
  CHECK(contains(node.request(later, "$JS.API.CONSUMER.INFO.ORDERS.c", ""), "old"));
  CHECK(contains(node.request(later, "$JS.API.CONSUMER.DELETE.ORDERS.c", ""), "success"));
  node.restart();
  const auto last = node.client();
  CHECK(contains(node.request(last, "$JS.API.CONSUMER.INFO.ORDERS.c", ""), "10014"));
}

TEST_CASE("names of 255 bytes are stored, deleted and leave the disk as it was") {
  TestNode node(named("n"));
  node.request(node.client(), "$JS.API.STREAM.CREATE.ORDERS", orders);
  const std::size_t before = node.files.files.size();
  for (const char* unit : {"x", "%", "\xC3\xA4"}) {
    std::string name;
    while (name.size() + std::string_view(unit).size() <= 255) name += unit;
    const std::string config = R"({"stream_name":"ORDERS","config":{"durable_name":")" + name +
                               R"(","ack_policy":"explicit"}})";
    CHECK(contains(node.request(node.client(), "$JS.API.CONSUMER.CREATE.ORDERS." + name, config),
                   name));
    for (const auto& [path, contents] : node.files.files) CHECK(path.size() <= 155);
    node.restart();
    const auto again = node.client();
    CHECK(contains(node.request(again, "$JS.API.CONSUMER.INFO.ORDERS." + name, ""), name));
    CHECK(contains(node.request(again, "$JS.API.CONSUMER.DELETE.ORDERS." + name, ""), "success"));
    CHECK(node.files.files.size() == before);
  }
}

TEST_CASE("a file that cannot be written does not take the other streams with it") {
  TestNode node(named("n"), GENERATE(true, false));
  const auto client = node.client();
  for (const char* name : {"GOOD", "BAD"}) {
    node.request(client, std::string("$JS.API.STREAM.CREATE.") + name,
                 R"({"name":")" + std::string(name) + R"("})");
  }
  node.say(client, "SUB good 1\r\nSUB bad 2\r\n");
  const auto carry_out = [&](bool broken) {
    while (!node.commits.empty()) {
      std::string error;
      for (const frond::FileOperation& operation : node.commits.front().operations) {
        const std::string& path =
            std::visit([](const auto& op) -> const std::string& { return op.path; }, operation);
        if (broken && contains(path, "streams/BAD/")) {
          error = "cannot write " + path + ": Input/output error";
        }
      }
      node.commit(error);
    }
  };
  const auto run = [&](bool broken, std::string_view subject) {
    std::size_t stored = 0;
    for (int i = 0; i < 300; ++i) {
      node.say(client, "PUB GOOD good 1\r\nx\r\nPUB BAD bad 1\r\nx\r\n");
      carry_out(broken);
      node.now += std::chrono::milliseconds(100);
      node.engine->tick(node.both());
      node.drain();
      carry_out(broken);
      const std::string heard = node.heard(client);
      stored +=
          contains(heard, std::string(R"({"stream":")") + std::string(subject) + R"(","seq")");
    }
    return stored;
  };
  // Thirty seconds: tried after 1, 2, 4, 8 and 16.
  CHECK(run(true, "GOOD") >= 290);
  CHECK(run(true, "BAD") == 0);
  // Mended, it comes back by itself.
  CHECK(run(false, "BAD") >= 1);
  CHECK(run(false, "BAD") == 300);
}
