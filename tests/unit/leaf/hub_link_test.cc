// The soliciting side's life: handshake, backoff, refusals, keepalive (leafnode-protocol 3).

#include "leaf/hub_link.h"

#include "base/limits.h"
#include "leaf/link_cause.h"
#include "link_world.h"

namespace frond::leaf {
namespace {

TEST_CASE("handshake: nothing before INFO, then CONNECT and a barrier, LS+ after the second INFO") {
  Link w;
  w.router.subscribe(w.client, "down.>");
  w.open();
  CHECK(w.dialled() == "ws://hub/leafnode");
  CHECK(w.state() == LinkState::connecting);
  w.link->connected(ConnectionId{1}, at_ms(5));
  w.receive("PING\r\n");
  CHECK(w.said().empty());
  w.receive(leaf_info.substr(0, 40));
  CHECK(w.said().empty());
  w.receive(leaf_info.substr(40));
  CHECK(w.said() == connect_line);
  w.receive(second_info);
  CHECK(w.said() == std::string(guard_line) + "LS+ down.>\r\n");
  w.receive("LS+ $LDS.AAAAAAAAAAAAAAAAAAAAAA\r\nLS+ up.>\r\nPING\r\n");
  CHECK(w.said() == "PONG\r\n");
  CHECK(w.state() == LinkState::connecting);
  w.receive("PONG\r\n");
  CHECK(w.state() == LinkState::online);
  CHECK(w.link->status().hub_domain == "hub");
  CHECK(w.recorder.states == std::vector<std::string>{"online"});
}

TEST_CASE("handshake: credentials by nkey and by JWT") {
  Link w;
  w.sign = true;
  w.config.hub->user.clear();
  SECTION("nkey") {
    w.open();
    w.link->connected(ConnectionId{1}, at_ms(0));
    w.receive(leaf_info);
    const std::string text = w.said();
    CHECK(text.find("\"nkey\":\"UABC\",\"sig\":\"signed-MZD09BeyzlIuq08\"}") != std::string::npos);
    CHECK(text.find("jwt") == std::string::npos);
  }
  SECTION("jwt") {
    w.config.hub->jwt = "eyJ.x.y";
    w.open();
    w.link->connected(ConnectionId{1}, at_ms(0));
    w.receive(leaf_info);
    const std::string text = w.said();
    CHECK(text.find("\"jwt\":\"eyJ.x.y\",\"sig\":\"signed-MZD09BeyzlIuq08\"}") !=
          std::string::npos);
    CHECK(text.find("nkey") == std::string::npos);
  }
}

TEST_CASE("handshake: a client listener and a hub of our own name are refused") {
  Link w;
  w.open();
  w.link->connected(ConnectionId{1}, at_ms(0));
  SECTION("client INFO") {
    w.receive("INFO {\"server_id\":\"NA\",\"version\":\"2.10.27\",\"client_id\":5}\r\n");
    CHECK(w.said().find("CONNECT") == std::string::npos);
  }
  SECTION("same cluster") {
    w.receive(
        "INFO {\"cluster\":\"frond1\",\"leafnode_urls\":[\"a:1\"],\"info_on_connect\":true}\r\n");
    CHECK(w.link->status().code == "cluster_name");
  }
  CHECK(w.state() == LinkState::refused);
}

TEST_CASE("what the hub says against us is a refusal, that it was slow is none") {
  for (const char* cause :
       {"Authorization Violation", "Authentication Failure", "Loop detected for leafnode",
        "remote leafnode has same cluster name", "Credentials Revoked", "Incorrect Port"}) {
    INFO(cause);
    CHECK(is_refusal(cause));
  }
  for (const char* cause : {"Authentication Timeout", "Stale Connection", "1006"}) {
    INFO(cause);
    CHECK_FALSE(is_refusal(cause));
  }
}

TEST_CASE("pause cuts and stays, resume dials at once") {
  Link w;
  w.online();
  w.link->pause(at_ms(50));
  CHECK(w.state() == LinkState::paused);
  CHECK(sent(w.outbox, ConnectionId{1}) == "CLOSE paused");
  w.link->tick(at_ms(100'000));
  w.link->network_hint(true, at_ms(100'000));
  CHECK_FALSE(w.dialled());
  w.link->resume(at_ms(100'001));
  CHECK(w.dialled());
}

TEST_CASE("without a hub there is no link") {
  Link w;
  w.config.hub.reset();
  w.open();
  w.link->network_hint(true, at_ms(1));
  w.link->resume(at_ms(1));
  CHECK(w.state() == LinkState::none);
  CHECK_FALSE(w.dialled());
  CHECK(w.link->next_deadline() == kNever);
}

TEST_CASE("malformed bytes from the hub end the connection, not the node") {
  Link w;
  w.online();
  w.receive("NONSENSE\r\n");
  CHECK(w.state() == LinkState::offline);
  w.receive("LS+ a\r\n");
  CHECK_FALSE(w.router.has_interest("a"));
}

TEST_CASE("hub subjects beyond our limits are ignored") {
  Link w;
  std::string deep = "a";
  for (int i = 0; i < 400; ++i) {
    deep += ".a";
  }
  w.online("LS+ foo..bar\r\nLS+ " + deep + "\r\nLS+ ok\r\n");
  CHECK(w.router.has_interest("ok"));
  CHECK(w.link->online());
}

}  // namespace
}  // namespace frond::leaf
