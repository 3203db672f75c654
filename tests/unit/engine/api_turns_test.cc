// One input may hold thousands of API requests: they take turns with everybody else's input.

#include "base/limits.h"
#include "test_host.h"

#include <catch2/catch.hpp>
#include <string>

namespace {

using frond::ConnectionId;
using frond::test::publish_line;
using frond::test::TestNode;

std::size_t count_of(const std::string& text, const std::string& word) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += word.size()) {
    ++count;
  }
  return count;
}

constexpr std::string_view list_type = "stream_list_response";

struct Crowd {
  TestNode node;
  ConnectionId asker = node.client();

  Crowd() {
    for (int i = 0; i < 100; ++i) {
      const std::string name = "S" + std::to_string(i);
      node.request(asker, "$JS.API.STREAM.CREATE." + name,
                   R"({"name":")" + name + R"(","subjects":[")" + name + R"("]})");
    }
    node.say(asker, "SUB lists 1\r\n");
  }
  void ask(int times) {
    std::string bytes;
    for (int i = 0; i < times; ++i) bytes += publish_line("$JS.API.STREAM.LIST", "lists", "");
    node.say(asker, bytes);
  }
};

}  // namespace

TEST_CASE("lists without number in one input are answered in turns, all of them") {
  Crowd crowd;
  crowd.ask(600);
  // The input's own turn and that at its end; the last answer of each may go beyond.
  std::string heard = crowd.node.heard(crowd.asker);
  CHECK(heard.size() < 3 * frond::base::api_turn_bytes_max);
  CHECK(crowd.node.engine->next_deadline() <= crowd.node.now);
  for (int i = 0; i < 600 && crowd.node.engine->next_deadline() <= crowd.node.now; ++i) {
    crowd.node.pass(std::chrono::nanoseconds(1));
    const std::string more = crowd.node.heard(crowd.asker);
    heard += more;
  }
  CHECK(count_of(heard, std::string(list_type)) == 600);
}

TEST_CASE("requests that wait keep their order, and what comes behind them waits as well") {
  Crowd crowd;
  crowd.ask(100);
  crowd.node.say(crowd.asker, publish_line("$JS.API.STREAM.CREATE.LAST", "made",
                                           R"({"name":"LAST","subjects":["l"]})") +
                                  publish_line("$JS.API.STREAM.INFO.LAST", "lists", ""));
  crowd.node.pass(std::chrono::seconds(1));
  const std::string heard = crowd.node.heard(crowd.asker);
  CHECK(count_of(heard, std::string(list_type)) == 100);
  CHECK(heard.rfind("stream_info_response") > heard.rfind(list_type));
  CHECK(heard.find("10059") == std::string::npos);
}

TEST_CASE("more requests than may wait are refused, not forgotten") {
  Crowd crowd;
  const int times = static_cast<int>(frond::base::api_waiting_max) + 500;
  crowd.ask(times);
  std::string heard = crowd.node.heard(crowd.asker);
  CHECK(count_of(heard, "10008") > 400);
}
