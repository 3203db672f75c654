// What is told of a link that is not there, or not as it should be: each cause its own code.

#include "leaf/link_status.h"

#include "base/base64.h"
#include "base/limits.h"
#include "leaf/link_cause.h"
#include "link_world.h"

namespace frond::leaf {
namespace {

struct Told : Link {
  void speak(std::string_view error, std::int64_t ms = 0) {
    receive("-ERR '" + std::string(error) + "'\r\n", ms);
  }
  void greet(std::int64_t ms = 0) {
    link->connected(ConnectionId{ids}, at_ms(ms));
    receive(leaf_info, ms);
  }
  void accept(std::int64_t ms) {
    greet(ms);
    receive(second_info, ms);
    receive("PONG\r\n", ms);
  }
  const std::string& code() const { return link->status().code; }
  const std::string& cause() const { return link->status().cause; }
};

TEST_CASE("link status: what the hub says of us has a code and a state of its own") {
  struct Case {
    std::string_view said, code;
  };
  const auto [said, code] = GENERATE(
      Case{"Authorization Violation", "credentials"},
      Case{"User Authentication Expired", "expired"},
      Case{"User Authentication Revoked", "revoked"},
      Case{"Duplicate Remote LeafNode Connection", "duplicate"},
      Case{"Loop detected for leafnode account=\"$G\". Delaying attempt to reconnect for 30s",
           "loop"},
      Case{"remote leafnode has same cluster name", "cluster_name"},
      Case{"connection rejected since minimum version required is \"2.8.0\"", "version"},
      Case{"maximum account active connections exceeded", "limit"},
      Case{"Permissions Violation for Publish to \"x\"", "permissions"});
  Told w;
  const bool online = GENERATE(false, true);
  if (online) {
    w.online();
  } else {
    w.open();
    w.greet();
  }
  w.speak(said);
  CHECK(w.state() == LinkState::refused);
  CHECK(w.code() == code);
  CHECK_FALSE(w.cause().empty());
}

TEST_CASE(
    "link status: another node of our name is told as that, and left alone for longer and longer") {
  Told w;
  w.open();
  std::int64_t now = 0, pause = 0;
  for (int i = 0; i < 9; ++i) {
    w.accept(now);
    now += 1000;
    w.speak("Duplicate Remote LeafNode Connection", now);
    CHECK(w.cause() == "another node named frond1 is connected to the hub");
    pause = (w.link->next_deadline() - at_ms(now)) / std::chrono::milliseconds(1);
    now += pause + 1;
    w.link->tick(at_ms(now));
  }
  CHECK(pause > 299'000);
}

TEST_CASE("link status: how a host's dial failed") {
  struct Case {
    std::string_view said, code;
    LinkState state;
  };
  const auto [said, code, state] = GENERATE(
      Case{"Connection refused", "unreachable", LinkState::offline},
      Case{"HTTP 403 Forbidden", "origin", LinkState::refused},
      Case{"HTTP 404", "http", LinkState::refused},
      Case{"HTTP 502", "unreachable", LinkState::offline},
      Case{"Unexpected server response: 403", "origin", LinkState::refused},
      Case{"Unexpected server response: 400", "http", LinkState::refused},
      Case{"closed with code 1006: is the certificate trusted?", "unreachable", LinkState::offline},
      Case{"self-signed certificate", "tls", LinkState::refused});
  Told w;
  w.open();
  w.link->closed(ConnectionId{1}, said, at_ms(1));
  CHECK(w.code() == code);
  CHECK(w.state() == state);
  CHECK(w.cause().find(said) != std::string::npos);
}

TEST_CASE("link status: a hub that ends what it opened without a word accepts no leafs") {
  Told w;
  w.open();
  w.link->connected(ConnectionId{1}, at_ms(10));
  w.link->closed(ConnectionId{1}, "closed with code 1006", at_ms(20));
  CHECK(w.code() == "no_leaf");
  CHECK(w.state() == LinkState::refused);
  // It may have been the network: the first pause is short.
  CHECK(w.link->next_deadline() <= at_ms(270));
  w.link->tick(at_ms(270));
  w.greet(280);
  w.link->closed(ConnectionId{2}, "closed with code 1006", at_ms(300));
  CHECK(w.code() == "closed");
  CHECK(w.state() == LinkState::offline);
}

TEST_CASE("link status: a hub that opens and says nothing has not sent us away") {
  Told w;
  w.open();
  w.link->connected(ConnectionId{1}, at_ms(10));
  w.link->tick(at_ms(10) + base::link_patience_min);
  CHECK(w.code() == "unreachable");
  CHECK(w.state() == LinkState::offline);
}

TEST_CASE("link status: a client listener is a wrong path") {
  Told w;
  w.open();
  w.link->connected(ConnectionId{1}, at_ms(0));
  w.receive("INFO {\"server_id\":\"NA\",\"version\":\"2.10.27\",\"client_id\":5}\r\n");
  CHECK(w.code() == "wrong_path");
  CHECK(w.state() == LinkState::refused);
}

TEST_CASE("link status: credentials that were withdrawn stay withdrawn, until there are others") {
  Told w;
  w.online();
  w.speak("User Authentication Revoked", 10);
  w.link->tick(at_ms(300));
  REQUIRE(w.ids == 2);
  w.greet(310);
  w.speak("Authorization Violation", 320);
  CHECK(w.code() == "revoked");
  w.config.hub->password = "another";
  w.link->hub_changed(false, at_ms(330));
  REQUIRE(w.ids == 3);
  w.greet(340);
  CHECK(w.said().find("\"pass\":\"another\"") != std::string::npos);
  w.speak("Authorization Violation", 350);
  CHECK(w.code() == "credentials");
}

TEST_CASE("link status: a JWT that has ended is told from one that is wrong") {
  Told w;
  const std::string claims = "{\"exp\":100}";
  w.config.hub->jwt = "eyJ." + base::base64url_encode(claims) + ".sig";
  w.open();
  const bool over = GENERATE(false, true);
  const std::int64_t now = over ? 100'000 : 99'000;
  w.greet(now);
  w.speak("Authorization Violation", now);
  CHECK(w.code() == (over ? "expired" : "credentials"));
}

TEST_CASE("link status: claims of a JWT that are none say nothing") {
  const std::string claims =
      GENERATE("", "{", "[]", "{\"exp\":\"x\"}", "{\"exp\":-1}", "{\"exp\":9223372036854775807}");
  Config config;
  config.hub = HubConfig{};
  config.hub->jwt = GENERATE("a.", "", "..") + base::base64url_encode(claims) + GENERATE(".b", "");
  const LinkCause cause =
      link_cause("Authorization Violation", LinkStage::greeting, config, WallTime::max());
  CHECK(cause.code == "credentials");
}

TEST_CASE("link status: a hub of another domain is linked, and told at once") {
  Told w;
  w.config.hub->domain = GENERATE("hub", "other");
  const bool same = w.config.hub->domain == "hub";
  w.online();
  CHECK(w.code() == (same ? "" : "domain"));
  CHECK(w.cause() == (same ? "" : "the hub's JetStream domain is hub, not other"));
  CHECK(w.recorder.codes.back() == w.code());
  const auto none = domain_cause(*w.config.hub, "");
  REQUIRE(none);
  CHECK(none->text == "the hub has no JetStream domain, not " + w.config.hub->domain);
}

TEST_CASE("link status: since, tries and the next one") {
  Told w;
  w.config.hub->url = "wss://user:secret@hub.example:443/leafnode?a=@";
  w.online();
  CHECK(w.link->status().url == "wss://hub.example:443/leafnode?a=@");
  CHECK(w.link->status().attempts == 0);
  CHECK(w.link->status().since == at_ms(0));
  std::int64_t now = 5000;
  w.link->closed(ConnectionId{1}, "1006", at_ms(now));
  for (std::uint64_t tries = 0; tries < 4; ++tries) {
    CHECK(w.state() == LinkState::offline);
    CHECK(w.link->status().attempts == tries);
    CHECK(w.link->status().since == at_ms(5000));
    CHECK(w.link->status().next == w.link->next_deadline());
    now += 2000;
    w.link->tick(at_ms(now));
    CHECK(w.state() == LinkState::connecting);
    CHECK(w.link->status().next == kNever);
    CHECK(w.link->status().since == at_ms(5000));
    w.link->closed(ConnectionId{w.ids}, "Connection refused", at_ms(now));
  }
  const std::string json = link_status_json(w.link->status(), w.clock);
  CHECK(json.find("\"code\":\"unreachable\",\"cause\":\"Connection refused\",\"since\":\"") !=
        std::string::npos);
  CHECK(json.find("\"attempts\":4,\"next\":\"") != std::string::npos);
  now += 2000;
  w.link->tick(at_ms(now));
  w.accept(now);
  CHECK(w.link->status().since == at_ms(now));
  CHECK(w.link->status().attempts == 0);
  CHECK(w.code().empty());
}

TEST_CASE("link status: other credentials leave a link alone, another address does not") {
  Told w;
  w.online();
  w.said();
  w.link->hub_changed(false, at_ms(10));
  CHECK(w.link->online());
  w.config.hub->url = "ws://elsewhere/leafnode";
  w.link->hub_changed(true, at_ms(20));
  CHECK(w.ids == 2);
  CHECK(w.state() == LinkState::connecting);
  CHECK(w.dialled() == "ws://elsewhere/leafnode");
  w.link->pause(at_ms(30));
  w.link->hub_changed(true, at_ms(40));
  CHECK(w.state() == LinkState::paused);
}

TEST_CASE("link status: a hub without a URL is none, and is dialled when it gets one") {
  Told w;
  w.config.hub->url = "";
  w.open();
  w.link->network_hint(true, at_ms(5));
  w.link->tick(at_ms(10));
  CHECK(w.state() == LinkState::none);
  CHECK(w.ids == 0);
  w.config.hub->url = "ws://hub/leafnode";
  w.link->hub_changed(true, at_ms(20));
  CHECK(w.dialled() == "ws://hub/leafnode");
  CHECK(w.state() == LinkState::connecting);
  w.accept(30);
  CHECK(w.link->online());
}

}  // namespace
}  // namespace frond::leaf
