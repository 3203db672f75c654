// A host that cannot read for a while: no descriptor is left, or a disk gives errors. What is
// stored is still there, so nobody may pass over it or say that it is not.

#include "test_host.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

namespace {

using frond::ConnectionId;
using frond::test::publish_line;
using frond::test::TestNode;

constexpr int stored = 200;
constexpr std::string_view next = "$JS.API.CONSUMER.MSG.NEXT.S.c";

/// So long that the first messages are not in the page that opening a store reads.
std::string body_of(int i) { return "m" + std::to_string(i) + std::string(1'000, '.'); }

/// A node whose messages are only on the disk: the bytes that a store keeps in memory have gone.
struct Worn {
  TestNode node;
  ConnectionId client = node.client();

  Worn() {
    node.request(client, "$JS.API.STREAM.CREATE.S",
                 R"({"name":"S","subjects":["s.>"],"allow_direct":true})");
    node.request(client, "$JS.API.CONSUMER.DURABLE.CREATE.S.c",
                 R"({"stream_name":"S","config":{"durable_name":"c","ack_policy":"explicit",)"
                 R"("ack_wait":2000000000}})");
    for (int i = 1; i <= stored; ++i) {
      node.request(client, "s." + std::to_string(i), body_of(i));
    }
    node.pass(std::chrono::minutes(3));  // Past the duplicate window, which is read at the start.
    node.restart();
    client = node.client();
    node.say(client, "SUB in in\r\n");
  }
  std::string info() {
    const std::string told = node.request(client, "$JS.API.CONSUMER.INFO.S.c", "");
    const std::size_t at = told.find(R"("delivered")");
    return told.substr(at, told.find('}', at) - at);
  }
};

}  // namespace

TEST_CASE("a consumer waits for what cannot be read now, and loses nothing") {
  Worn worn;
  TestNode& node = worn.node;
  node.files.failing = true;
  node.say(worn.client, publish_line(next, "in", R"({"batch":200,"expires":600000000000})"));
  node.pass(std::chrono::seconds(10));
  CHECK(node.heard(worn.client).find("MSG ") == std::string::npos);
  CHECK(worn.info().find(R"("stream_seq":0)") != std::string::npos);
  node.files.failing = false;
  node.pass(std::chrono::seconds(2));
  const std::string heard = node.heard(worn.client);
  std::size_t at = 0;
  for (int i = 1; i <= stored; ++i) {
    INFO("message " << i);
    at = heard.find("\r\n" + body_of(i) + "\r\n", at);
    REQUIRE(at != std::string::npos);
  }
}

TEST_CASE("a redelivery that cannot be read now is not taken for a deleted message") {
  Worn worn;
  TestNode& node = worn.node;
  node.say(worn.client, publish_line(next, "in", "3"));
  node.commit_all();
  CHECK(node.heard(worn.client).find(body_of(3)) != std::string::npos);
  node.pass(std::chrono::seconds(1));
  node.restart();  // The pages that were read are forgotten.
  worn.client = node.client();
  node.say(worn.client, "SUB in in\r\nSUB $JS.EVENT.ADVISORY.> advice\r\n");
  node.files.failing = true;
  node.say(worn.client, publish_line(next, "in", R"({"batch":3,"expires":600000000000})"));
  node.pass(std::chrono::seconds(10));
  CHECK(node.heard(worn.client).find("MSG ") == std::string::npos);
  node.files.failing = false;
  node.pass(std::chrono::seconds(3));
  const std::string heard = node.heard(worn.client);
  for (int i = 1; i <= 3; ++i) {
    CHECK(heard.find(body_of(i)) != std::string::npos);
  }
}

TEST_CASE("gets of what cannot be read now say so, and not that there is no message") {
  Worn worn;
  TestNode& node = worn.node;
  node.files.failing = true;
  CHECK(node.request(worn.client, "$JS.API.STREAM.MSG.GET.S", R"({"seq":3})").find("10008") !=
        std::string::npos);
  for (const std::string body :
       {R"({"seq":3})", R"({"last_by_subj":"s.2"})", R"({"seq":1,"next_by_subj":"s.*"})",
        R"({"seq":1,"batch":5,"next_by_subj":"s.*"})", R"({"multi_last":["s.1","s.2"]})"}) {
    INFO(body);
    CHECK(node.request(worn.client, "$JS.API.DIRECT.GET.S", body)
              .find("500 JetStream system temporarily unavailable") != std::string::npos);
  }
  node.files.failing = false;
  CHECK(node.request(worn.client, "$JS.API.DIRECT.GET.S", R"({"seq":3})").find("m3") !=
        std::string::npos);
}
