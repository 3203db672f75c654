// What the node sends to a subject that a stream stores: the message lies in a store, and storing
// it changes the very memory it lies in.

#include "test_host.h"

#include <catch2/catch.hpp>
#include <string>

namespace {

using frond::ConnectionId;
using frond::test::publish_line;
using frond::test::TestNode;

std::string number(const std::string& json, const std::string& field) {
  const std::size_t at = json.find("\"" + field + "\":");
  if (at == std::string::npos) return "(none)";
  const std::size_t from = at + field.size() + 3;
  return json.substr(from, json.find_first_of(",}", from) - from);
}

std::string messages(TestNode& node, ConnectionId client, const std::string& stream) {
  return number(node.request(client, "$JS.API.STREAM.INFO." + stream, ""), "messages");
}

void publish(TestNode& node, ConnectionId client, const std::string& subject,
             const std::string& reply, const std::string& body) {
  node.say(client, publish_line(subject, reply, body));
  node.commit_all();
}

}  // namespace

TEST_CASE("a pull into the very stream copies what was stored, in whatever memory it lies") {
  for (const bool memory : {false, true}) {
    TestNode node;
    const ConnectionId client = node.client();
    node.request(client, "$JS.API.STREAM.CREATE.S",
                 std::string(R"({"name":"S","subjects":["s.>"],"allow_direct":true,"storage":")") +
                     (memory ? "memory" : "file") + "\"}");
    node.request(client, "$JS.API.CONSUMER.DURABLE.CREATE.S.c",
                 R"({"stream_name":"S","config":{"durable_name":"c","ack_policy":"none"}})");
    const ConnectionId reader = node.client();
    node.say(reader, "SUB s.in in\r\n");
    publish(node, client, "$JS.API.CONSUMER.MSG.NEXT.S.c", "s.in",
            R"({"batch":300,"expires":60000000000})");
    const std::string body(1'000, 'x');
    node.request(client, "s.a", body);
    node.pass(std::chrono::seconds(1));
    CHECK(messages(node, client, "S") == "301");
    // Who hears it after the stream has stored it hears the message, not what the store became.
    const std::string heard = node.heard(reader);
    std::size_t copies = 0;
    for (std::size_t at = 0; (at = heard.find("\r\n" + body + "\r\n", at)) != std::string::npos;
         at += body.size()) {
      ++copies;
    }
    CHECK(copies == 300);
  }
}

TEST_CASE("a batch of direct gets into the very stream ends where the stream stood") {
  TestNode node;
  const ConnectionId client = node.client();
  node.request(client, "$JS.API.STREAM.CREATE.S",
               R"({"name":"S","subjects":["s.>"],"allow_direct":true})");
  const std::string body(1'000, 'y');
  for (int i = 0; i < 50; ++i) node.request(client, "s.a", body);
  publish(node, client, "$JS.API.DIRECT.GET.S", "s.in",
          R"({"seq":1,"batch":100,"next_by_subj":"s.a"})");
  node.pass(std::chrono::seconds(1));
  CHECK(messages(node, client, "S") == "101");  // And the end marker.
}

TEST_CASE("two streams do not feed each other through their push consumers") {
  TestNode node;
  const ConnectionId client = node.client();
  node.request(client, "$JS.API.STREAM.CREATE.A", R"({"name":"A","subjects":["a.>"]})");
  node.request(client, "$JS.API.STREAM.CREATE.B", R"({"name":"B","subjects":["b.>"]})");
  for (const std::string pair : {"AbB", "BaA"}) {
    const std::string from = pair.substr(0, 1);
    node.request(client, "$JS.API.CONSUMER.DURABLE.CREATE." + from + ".c",
                 R"({"stream_name":")" + from + R"(","config":{"durable_name":"c",)" +
                     R"("ack_policy":"none","deliver_subject":")" + pair.substr(1, 1) + R"(.x"}})");
  }
  node.request(client, "a.1", "first");
  node.pass(std::chrono::seconds(30));
  CHECK(messages(node, client, "A") == "1");
  CHECK(messages(node, client, "B") == "0");
  // With somebody who reads, what is delivered is stored on the way, as any message.
  node.say(client, "SUB b.x reader\r\n");
  node.pass(std::chrono::seconds(30));
  CHECK(messages(node, client, "A") == "1");
  CHECK(messages(node, client, "B") == "1");
}
