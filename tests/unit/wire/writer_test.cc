#include "wire/writer.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace frond::wire;
using frond::base::Message;

TEST_CASE("writer: control lines") {
  std::string out;
  append_info(out, "{}");
  append_connect(out, "{}");
  append_ping(out);
  append_pong(out);
  append_ok(out);
  append_err(out, "Stale Connection");
  CHECK(out == "INFO {} \r\nCONNECT {}\r\nPING\r\nPONG\r\n+OK\r\n-ERR 'Stale Connection'\r\n");
}

TEST_CASE("writer: messages for clients") {
  std::string out;
  CHECK(append_message(out, "1", Message{"foo", "", "", "hello"}) == 5);
  CHECK(out == "MSG foo 1 5\r\nhello\r\n");
  out.clear();
  append_message(out, "12", Message{"foo.bar", "_INBOX.x", "", ""});
  CHECK(out == "MSG foo.bar 12 _INBOX.x 0\r\n\r\n");
  out.clear();
  const Message headed{"foo", "r", "NATS/1.0\r\nA: b\r\n\r\n", "xy"};
  CHECK(append_message(out, "1", headed) == 20);
  CHECK(out == "HMSG foo 1 r 18 20\r\nNATS/1.0\r\nA: b\r\n\r\nxy\r\n");
  out.clear();
  CHECK(append_message(out, "1", headed, false) == 2);
  CHECK(out == "MSG foo 1 r 2\r\nxy\r\n");
}

TEST_CASE("writer: interest on a leaf link") {
  std::string out;
  CHECK(append_interest(out, "foo.>", "", 5));
  CHECK(append_interest(out, "foo", "q", 3));
  CHECK(append_interest_gone(out, "foo.>", ""));
  CHECK(append_interest_gone(out, "foo", "q"));
  CHECK(out == "LS+ foo.>\r\nLS+ foo q 3\r\nLS- foo.>\r\nLS- foo q\r\n");
}

TEST_CASE("writer: messages on a leaf link") {
  const auto routed = [](std::string_view reply, const std::vector<std::string_view>& queues,
                         std::string_view header) {
    std::string out;
    CHECK(append_routed(out, "w.1", reply, queues, header, "m"));
    return out;
  };
  CHECK(routed("", {}, "") == "LMSG w.1 1\r\nm\r\n");
  CHECK(routed("r", {}, "") == "LMSG w.1 r 1\r\nm\r\n");
  CHECK(routed("", {"g1", "g2"}, "") == "LMSG w.1 | g1 g2 1\r\nm\r\n");
  CHECK(routed("r", {"g1"}, "") == "LMSG w.1 + r g1 1\r\nm\r\n");
  CHECK(routed("r", {"g1"}, "NATS/1.0\r\n\r\n") ==
        "HMSG w.1 + r g1 12 13\r\nNATS/1.0\r\n\r\nm\r\n");
  CHECK(routed("", {}, "NATS/1.0\r\n\r\n") == "HMSG w.1 12 13\r\nNATS/1.0\r\n\r\nm\r\n");
}

TEST_CASE("writer: a value never ends its line or becomes two words of it") {
  for (const std::string& bad :
       {std::string("a\r\nPING"), std::string("a\nb"), std::string("a b"), std::string("a\tb"),
        std::string("a\rb"), std::string("a\0b", 3), std::string(" "), std::string("a\vb")}) {
    INFO(bad);
    std::string out;
    CHECK_FALSE(append_message(out, "1", Message{bad, "", "", "x"}));
    CHECK_FALSE(append_message(out, bad, Message{"a", "", "", "x"}));
    CHECK_FALSE(append_message(out, "1", Message{"a", bad, "", "x"}));
    CHECK_FALSE(append_interest(out, bad, "", 1));
    CHECK_FALSE(append_interest(out, "a", bad, 1));
    CHECK_FALSE(append_interest_gone(out, bad, ""));
    CHECK_FALSE(append_interest_gone(out, "a", bad));
    const std::vector<std::string_view> queues{"q", bad};
    CHECK_FALSE(append_routed(out, bad, "", {}, "", "x"));
    CHECK_FALSE(append_routed(out, "a", bad, {}, "", "x"));
    CHECK_FALSE(append_routed(out, "a", "r", queues, "", "x"));
    CHECK(out.empty());
  }
  std::string out;
  CHECK_FALSE(append_message(out, "1", Message{"", "", "", "x"}));
  CHECK_FALSE(append_message(out, "", Message{"a", "", "", "x"}));
  CHECK_FALSE(append_interest(out, "", "", 1));
  CHECK_FALSE(append_routed(out, "", "", {}, "", "x"));
  const std::vector<std::string_view> none{""};
  CHECK_FALSE(append_routed(out, "a", "", none, "", "x"));
  CHECK(out.empty());
  append_err(out, "no\r\nPING");
  append_info(out, "{\n}");
  append_connect(out, "{\r}");
  CHECK(out == "-ERR 'no  PING'\r\nINFO { } \r\nCONNECT { }\r\n");
}
