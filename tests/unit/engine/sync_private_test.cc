// What sync says to its hub is its own: clients neither hear it nor can answer in the hub's place.

#include "test_host.h"

#include <catch2/catch.hpp>

namespace frond::test {
namespace {

/// A node with a hub that the test speaks for.
struct Linked {
  TestNode node;
  ConnectionId hub{};
  std::string from_node;  // All that the hub was told.

  static Config config() {
    Config config = named("phone", "phone");
    HubConfig& hub = config.hub.emplace();
    hub.url = "ws://hub/leafnode";
    hub.domain = "hub";
    return config;
  }
  Linked() : node(config()) {
    hub = node.dials.front().connection;
    ConnectionInfo info;
    info.kind = ConnectionKind::hub;
    node.engine->connected(hub, info, node.both());
    say("INFO {\"server_id\":\"H\",\"server_name\":\"hub\",\"domain\":\"hub\",\"headers\":true,"
        "\"max_payload\":1048576,\"leafnode_urls\":[\"h:1\"],\"info_on_connect\":true}\r\n");
    say("INFO {\"server_id\":\"H\",\"connect_info\":true,\"headers\":true,\"max_payload\":1048576}"
        "\r\nLS+ $JS.hub.API.>\r\nLS+ $JS.FC.>\r\nLS+ ord.>\r\nLS+ >\r\nPONG\r\n");
  }
  void say(std::string_view bytes) {
    node.say(hub, bytes);
    settle();
  }
  void settle() {
    node.commit_all();
    from_node += node.heard(hub);
  }
  void answer(const std::string& inbox, const std::string& body) {
    say("LMSG " + inbox + " " + std::to_string(body.size()) + "\r\n" + body + "\r\n");
  }
  /// The reply subject of the last message that the hub got on `subject`.
  std::string inbox(const std::string& subject) {
    settle();
    const std::string line = "MSG " + subject + " ";
    const std::size_t at = from_node.rfind(line);
    if (at == std::string::npos) return {};
    const std::size_t begin = at + line.size();
    return from_node.substr(begin, from_node.find(' ', begin) - begin);
  }
};

std::string message(const std::string& inbox, const std::string& body) {
  return "PUB " + inbox + " " + std::to_string(body.size()) + "\r\n" + body + "\r\n";
}

TEST_CASE("clients cannot hear or forge what the hub says to a forwarder") {
  Linked l;
  const ConnectionId spy = l.node.client();
  const ConnectionId app = l.node.client();
  l.node.request(app, "$JS.API.STREAM.CREATE.ORD",
                 R"({"name":"ORD","subjects":["ord.>"],"metadata":{"frond.forward":"hub"}})");
  l.node.say(spy, "SUB > 1\r\nSUB _INBOX.> 2\r\nSUB $JSC.> 3\r\nSUB $JS.hub.> 4\r\n");
  l.node.say(app, "PUB ord.1 5\r\nhello\r\n");
  const std::string names = l.inbox("$JS.hub.API.STREAM.NAMES");
  REQUIRE_FALSE(names.empty());
  l.node.say(spy, message(names, R"({"streams":["FORGED"]})"));
  l.answer(names, R"({"streams":["HUB"]})");
  CHECK(l.inbox("$JS.hub.API.STREAM.INFO.FORGED").empty());
  const std::string info = l.inbox("$JS.hub.API.STREAM.INFO.HUB");
  REQUIRE_FALSE(info.empty());
  l.answer(info, R"({"created":"2026-11-23T20:00:00Z","state":{"last_seq":0},"config":{}})");

  const std::string ack = l.inbox("ord.1");
  REQUIRE(ack.starts_with("_INBOX."));
  l.node.heard(spy);
  const auto pending = [&] { return l.node.request(app, "$FROND.SYNC.INFO.ORD", ""); };
  l.node.say(spy, message(ack, R"({"stream":"HUB","seq":1})"));
  CHECK(pending().find("\"pending\":1") != std::string::npos);
  CHECK(pending().find("\"pending\":1") != std::string::npos);
  l.node.heard(spy);
  l.answer(ack, R"({"stream":"HUB","seq":1})");
  CHECK(l.node.heard(spy).empty());
  CHECK(pending().find("\"pending\":0") != std::string::npos);
}

TEST_CASE("what the hub sends down on a forwarded subject is the hub's to store") {
  Linked l;
  const ConnectionId app = l.node.client();
  l.node.request(app, "$JS.API.STREAM.CREATE.ORD",
                 R"({"name":"ORD","subjects":["ord.>"],"metadata":{"frond.forward":"hub"}})");
  l.node.request(app, "$JS.API.STREAM.CREATE.OWN", R"({"name":"OWN","subjects":["own.>"]})");
  l.say("LMSG ord.1 1\r\nx\r\nLMSG own.1 1\r\nx\r\n");
  const auto messages = [&](const std::string& stream) {
    const std::string info = l.node.request(app, "$JS.API.STREAM.INFO." + stream, "");
    return info.substr(info.find("\"messages\":") + 11, 1);
  };
  CHECK(messages("ORD") == "0");
  CHECK(messages("OWN") == "1");
}

TEST_CASE("clients cannot hear or forge what a mirror reads") {
  Linked l;
  const ConnectionId spy = l.node.client();
  const ConnectionId app = l.node.client();
  l.node.say(spy, "SUB > 1\r\nSUB $JS.M.> 2\r\n");
  l.node.request(app, "$JS.API.STREAM.CREATE.ORD",
                 R"({"name":"ORD","mirror":{"name":"ORD","external":{"api":"$JS.hub.API"}}})");
  l.answer(l.inbox("$JS.hub.API.STREAM.INFO.ORD"),
           R"({"created":"2026-11-23T20:00:00Z","state":{"last_seq":1},"config":{}})");
  const std::string created = l.inbox("$JS.hub.API.CONSUMER.CREATE.ORD");
  const std::string key = "\"deliver_subject\":\"";
  const std::size_t at = l.from_node.rfind(key) + key.size();
  const std::string deliver = l.from_node.substr(at, l.from_node.find('"', at) - at);
  REQUIRE(deliver.starts_with("$JS.M."));
  CHECK(l.from_node.find("LS+ " + deliver) != std::string::npos);
  l.answer(created, R"({"name":"C1","delivered":{"stream_seq":0},"num_pending":1})");
  l.node.heard(spy);
  l.node.say(spy, "PUB " + deliver + " $JS.ACK.ORD.C1.1.1.1.7000000.0 6\r\nforged\r\n");
  l.node.commit_all();
  l.node.heard(spy);
  l.say("LMSG " + deliver + " $JS.ACK.ORD.C1.1.1.1.7000000.0@ord.1 4\r\ntrue\r\n");
  CHECK(l.node.heard(spy).empty());
  const std::string got = l.node.request(app, "$JS.API.STREAM.MSG.GET.ORD", R"({"seq":1})");
  CHECK(got.find("\"data\":\"dHJ1ZQ==\"") != std::string::npos);
}

TEST_CASE("a mirror of a stream of the same node reads it unheard") {
  TestNode node(named("phone", "phone"));
  const ConnectionId spy = node.client();
  const ConnectionId app = node.client();
  node.say(spy, "SUB $JS.M.> 1\r\nSUB $JSC.> 2\r\nSUB $JS.API.> 3\r\n");
  node.request(app, "$JS.API.STREAM.CREATE.A", R"({"name":"A","subjects":["a.>"]})");
  node.request(app, "a.1", "one");
  node.heard(spy);
  std::string api;
  SECTION("by its plain name") { api = R"({"name":"A"})"; }
  SECTION("by the node's own domain") {
    api = R"({"name":"A","external":{"api":"$JS.phone.API"}})";
  }
  node.request(app, "$JS.API.STREAM.CREATE.B", R"({"name":"B","mirror":)" + api + "}");
  node.pass(std::chrono::milliseconds(100));
  node.request(app, "a.2", "two");
  node.pass(std::chrono::milliseconds(100));
  const std::string info = node.request(app, "$JS.API.STREAM.INFO.B", "");
  CHECK(info.find("\"messages\":2") != std::string::npos);
  const std::string heard = node.heard(spy);
  CHECK(heard.find("$JS.M.") == std::string::npos);
  CHECK(heard.find("$JSC.R.") == std::string::npos);
}

}  // namespace
}  // namespace frond::test
