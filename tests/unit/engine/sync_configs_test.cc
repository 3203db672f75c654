// Configs of sync that would break the link: refused, and harmless when an older build has kept
// them.

#include "linked_node.h"
#include "support/older_files.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

using frond::ConnectionId;
using frond::Notice;
using frond::NoticeKind;
using frond::test::LinkedNode;

namespace {

std::string mirror(const std::string& origin) { return R"({"name":"M","mirror":)" + origin + "}"; }

std::string tokens(std::size_t count) {
  std::string text = "a";
  for (; count > 1; --count) text += ".a";
  return text;
}

}  // namespace

TEST_CASE("a config that would break the link is refused, and nothing of it is stored") {
  LinkedNode node;
  const ConnectionId client = node.client();
  node.heard(node.link);
  for (const std::string& body :
       {mirror(R"({"name":"O","external":{"api":"$JS.hub.API","deliver":")" + tokens(255) +
               R"("}})"),
        mirror(R"({"name":"O\r\nPING\r\n","external":{"api":"$JS.hub.API"}})"),
        mirror(R"({"name":"O","external":{"api":"$JS.hub.API\r\nPING\r\n"}})"),
        mirror(R"({"name":"O","external":{"api":"a","deliver":"b c"}})"),
        mirror(R"({"name":"O","filter_subject":"a\r\nPING","external":{"api":"$JS.hub.API"}})"),
        std::string(R"({"name":"M","subjects":["m"],"metadata":{"frond.forward":"x\r\nPING"}})")}) {
    INFO(body);
    CHECK(node.request(client, "$JS.API.STREAM.CREATE.M", body).find("\"error\"") !=
          std::string::npos);
    node.pass(std::chrono::seconds(3));
    CHECK(node.heard(node.link).find("PING\r\n") == std::string::npos);
    CHECK_FALSE(node.files.files.contains("streams/M/meta.json"));
  }
}

TEST_CASE("a node whose files hold such a config starts, serves it, and says so") {
  for (const std::string& bad : {tokens(255), std::string("b\\r\\nPING\\r\\n")}) {
    INFO(bad);
    LinkedNode node;
    ConnectionId client = node.client();
    node.request(client, "$JS.API.STREAM.CREATE.M",
                 mirror(R"({"name":"O","external":{"api":"$JS.hub.API","deliver":"HERE"}})"));
    frond::test::rewrite_plainly(node.files.files, "streams/M/meta.json", R"({"config":)", "HERE",
                                 bad);
    node.notices.clear();
    node.restart();
    node.join();
    CHECK(std::ranges::any_of(node.notices, [](const Notice& notice) {
      return notice.kind == NoticeKind::block_quarantined &&
             notice.text.find("sync is held back") != std::string::npos;
    }));
    client = node.client();
    node.pass(std::chrono::seconds(3));
    const std::string crossed = node.heard(node.link);
    CHECK(crossed.find("CONSUMER.CREATE") == std::string::npos);
    CHECK(crossed.find("\nPING\r\n") == crossed.rfind("\nPING\r\n"));  // The handshake's.
    CHECK(node.request(client, "$JS.API.STREAM.INFO.M", "").find("\"mirror\"") !=
          std::string::npos);
    CHECK(node.request(client, "$FROND.SYNC.INFO.M", "").find("must not contain wildcards") !=
          std::string::npos);
    CHECK(node.request(client, "$JS.API.STREAM.DELETE.M", "").find("\"success\":true") !=
          std::string::npos);
  }
}

TEST_CASE("a consumer's file that breaks its rules is set aside") {
  LinkedNode node;
  ConnectionId client = node.client();
  node.request(client, "$JS.API.STREAM.CREATE.S", R"({"name":"S","subjects":["s"]})");
  for (const char* const name : {"c", "d"}) {
    node.request(client, std::string("$JS.API.CONSUMER.DURABLE.CREATE.S.") + name,
                 R"({"stream_name":"S","config":{"durable_name":")" + std::string(name) +
                     R"(","ack_policy":"explicit","filter_subject":"s"}})");
  }
  frond::test::rewrite_plainly(node.files.files, "streams/S/consumers/c.json", R"({"name":)",
                               R"("filter_subject":"s")", R"("filter_subject":"a..b")");
  node.notices.clear();
  node.restart();
  CHECK(std::ranges::any_of(node.notices, [](const Notice& notice) {
    return notice.text.find("malformed subject") != std::string::npos;
  }));
  client = node.client();
  CHECK(node.request(client, "$JS.API.CONSUMER.INFO.S.c", "").find("10014") != std::string::npos);
  CHECK(node.request(client, "$JS.API.CONSUMER.INFO.S.d", "").find("\"name\":\"d\"") !=
        std::string::npos);
}

TEST_CASE(
    "a forwarder that names another domain than the hub's says so, and status() tells of all") {
  frond::test::LinkedNode node;
  const auto client = node.client();
  const auto create = [&](const std::string& name, const std::string& domain) {
    node.request(client, "$JS.API.STREAM.CREATE." + name,
                 R"({"name":")" + name + R"(","subjects":[")" + name +
                     R"("],"metadata":{"frond.forward":")" + domain + R"("}})");
    return node.request(client, "$FROND.SYNC.INFO." + name, "");
  };
  CHECK(create("RIGHT", "hub").find("lastError") == std::string::npos);
  CHECK(create("ANY", "").find("lastError") == std::string::npos);
  const std::string wrong = create("WRONG", "hbu");
  CHECK(wrong.find(R"("lastError":"metadata frond.forward names the domain \"hbu\", but the )"
                   R"(hub's is \"hub\"")") != std::string::npos);
  const std::string status = node.request(client, "$FROND.STATUS", "");
  for (const char* name : {"RIGHT", "ANY", "WRONG"}) {
    CHECK(status.find('"' + std::string(name) + R"(":{"way":"forward")") != std::string::npos);
  }
}
