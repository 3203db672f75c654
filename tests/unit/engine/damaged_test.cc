// A message in a full block that the disk has damaged: the node starts without reading it. Whoever
// comes upon it, it is gone for everybody then, with a word, and nobody waits for it.

#include "test_host.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

namespace {

using frond::ConnectionId;
using frond::test::publish_line;
using frond::test::TestNode;

std::string body_of(int i) {
  return R"({"n":)" + std::to_string(i) + R"(,"p":")" + std::string(100'000, 'p') + "\"}";
}

/// 45 messages, 12 of them damaged, of which those up to 41 are in a full block.
struct Rotten {
  TestNode node;
  ConnectionId client = node.client();

  Rotten() {
    node.request(client, "$JS.API.STREAM.CREATE.S",
                 R"({"name":"S","subjects":["s.>"],"allow_direct":true})");
    node.request(client, "$JS.API.CONSUMER.DURABLE.CREATE.S.c",
                 R"({"stream_name":"S","config":{"durable_name":"c","ack_policy":"explicit"}})");
    for (int i = 1; i <= 45; ++i) {
      node.request(client, "s." + std::to_string(i), body_of(i));
    }
    node.pass(std::chrono::minutes(3));  // Past the duplicate window, which is read at the start.
    for (auto& [path, file] : node.files.files) {
      const std::size_t at = file.find(R"({"n":12,)");
      if (at != std::string::npos) {
        file[at] ^= 8;
      }
    }
    node.restart();
    node.notices.clear();
    client = node.client();
    node.say(client, "SUB in in\r\n");
  }
  bool told() {
    node.pass(std::chrono::seconds(3));
    return node.notices.size() == 1 &&
           node.notices[0].kind == frond::NoticeKind::block_quarantined &&
           node.notices[0].text.find("streams/S/blocks/") == 0;
  }
  std::string field(std::string_view subject, std::string_view name) {
    const std::string told = node.request(client, subject, "");
    const std::size_t at = told.find("\"" + std::string(name) + "\":");
    return told.substr(at, told.find_first_of(",}", at) - at);
  }
  std::string messages() { return field("$JS.API.STREAM.INFO.S", "messages"); }
  std::string pending() { return field("$JS.API.CONSUMER.INFO.S.c", "num_pending"); }
};

}  // namespace

TEST_CASE("a consumer does not wait for a damaged message, and counts it no more") {
  Rotten rotten;
  TestNode& node = rotten.node;
  CHECK(rotten.messages() == R"("messages":45)");
  CHECK(rotten.pending() == R"("num_pending":45)");
  node.say(rotten.client, publish_line("$JS.API.CONSUMER.MSG.NEXT.S.c", "in",
                                       R"({"batch":100,"expires":600000000000})"));
  CHECK(rotten.told());
  const std::string heard = node.heard(rotten.client);
  std::size_t at = 0;
  for (int i = 1; i <= 45; ++i) {
    if (i == 12) continue;
    INFO("message " << i);
    at = heard.find("\r\n" + body_of(i) + "\r\n", at);
    REQUIRE(at != std::string::npos);
  }
  CHECK(rotten.messages() == R"("messages":44)");
  CHECK(rotten.pending() == R"("num_pending":0)");
}

TEST_CASE("a get of a damaged message finds none, and the stream counts it no more") {
  const bool direct = GENERATE(true, false);
  Rotten rotten;
  const std::string answer = rotten.node.request(
      rotten.client, direct ? "$JS.API.DIRECT.GET.S" : "$JS.API.STREAM.MSG.GET.S", R"({"seq":12})");
  CAPTURE(answer);
  CHECK(answer.find(direct ? "404 Message Not Found" : "\"err_code\":10037") != std::string::npos);
  CHECK(rotten.told());
  CHECK(rotten.messages() == R"("messages":44)");
  CHECK(rotten.pending() == R"("num_pending":44)");
}

TEST_CASE("a batch of direct gets is told to ask again, and then has what is there") {
  Rotten rotten;
  const auto ask = [&] {
    rotten.node.say(rotten.client, publish_line("$JS.API.DIRECT.GET.S", "in",
                                                R"({"batch":20,"next_by_subj":"s.>","seq":5})"));
    return rotten.node.heard(rotten.client);
  };
  CHECK(ask().find("500 JetStream system temporarily unavailable") != std::string::npos);
  CHECK(rotten.told());
  const std::string heard = ask();
  CHECK(heard.find("204 EOB") != std::string::npos);
  CHECK(heard.find(body_of(11)) != std::string::npos);
  CHECK(heard.find(body_of(13)) != std::string::npos);
}

TEST_CASE("a query goes on past a damaged message") {
  Rotten rotten;
  const auto ask = [&] {
    return rotten.node.request(rotten.client, "$FROND.QUERY.S",
                               R"({"selector":{"n":{"$gt":10,"$lt":14}},"fields":["n"]})");
  };
  const std::string answer = ask();
  CAPTURE(answer);
  CHECK(answer.find("\"n\":11") != std::string::npos);
  CHECK(answer.find("\"n\":12") == std::string::npos);
  CHECK(answer.find("\"n\":13") != std::string::npos);
  CHECK(rotten.told());
  CHECK(rotten.messages() == R"("messages":44)");
}

TEST_CASE("a live query whose row turns out to be damaged does not tell of it") {
  Rotten rotten;
  rotten.node.say(rotten.client,
                  publish_line("$FROND.QUERY.S", "in",
                               R"({"selector":{"n":{"$gt":10,"$lt":14}},"live":true})"));
  CHECK(rotten.told());
  const std::string heard = rotten.node.heard(rotten.client);
  CHECK(heard.find("\"n\":11") != std::string::npos);
  CHECK(heard.find("\"n\":13") != std::string::npos);
  CHECK(heard.find("\"n\":12") == std::string::npos);
  CHECK(heard.find("\"ready\":true") != std::string::npos);
}

TEST_CASE("a stream that is deleted with damage in it is no longer looked at") {
  Rotten rotten;
  rotten.node.say(rotten.client, "SUB x x\r\n" +
                                     publish_line("$JS.API.DIRECT.GET.S", "x", R"({"seq":12})") +
                                     publish_line("$JS.API.STREAM.DELETE.S", "x", ""));
  rotten.node.commit_all();
  rotten.node.pass(std::chrono::seconds(3));
  CHECK(rotten.node.notices.empty());
}
