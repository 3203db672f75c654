// The soliciting side against transcripts of leafnode-protocol 3 to 9.

#include "leaf/hub_link.h"

#include "base/limits.h"
#include "leaf_world.h"

#include <optional>

namespace frond::leaf {
namespace {

constexpr std::string_view leaf_info =
    "INFO {\"server_id\":\"NA\",\"server_name\":\"hub1\",\"version\":\"2.10.27\",\"client_id\":5,"
    "\"nonce\":\"MZD09BeyzlIuq08\",\"domain\":\"hub\",\"jetstream\":true,\"headers\":true,"
    "\"max_payload\":1048576,\"leafnode_urls\":[\"127.0.0.1:7422\"],\"info_on_connect\":true}\r\n";
constexpr std::string_view second_info =
    "INFO {\"server_id\":\"NA\",\"server_name\":\"hub1\",\"client_id\":5,\"connect_info\":true,"
    "\"info_on_connect\":true,\"headers\":true,\"max_payload\":1048576,"
    "\"remote_account\":\"A\"}\r\n";
constexpr std::string_view connect_line =
    "CONNECT {\"name\":\"frond1\",\"cluster\":\"frond1\",\"version\":\"2.10.27\",\"headers\":true,"
    "\"protocol\":1,\"domain\":\"edge1\",\"jetstream\":true,\"remote_account\":\"$G\","
    "\"user\":\"lu\",\"pass\":\"lp\"}\r\nPING\r\n";
constexpr std::string_view guard = "$LDS.CbTfYzExVaIWwTZVkaAbwi";
constexpr std::string_view guard_line = "LS+ $LDS.CbTfYzExVaIWwTZVkaAbwi\r\n";

class FixedSigner final : public Signer {
 public:
  std::string public_key() const override { return "UABC"; }
  std::string sign(std::string_view nonce) const override { return "signed-" + std::string(nonce); }
};

struct Recorder final : LinkListener {
  void on_link(const LinkStatus& status, Instant) override {
    states.push_back(std::string(link_state_name(status.state)));
  }
  std::vector<std::string> states;
};

struct Link : LeafWorld {
  Config config;
  FixedSigner signer;
  bool sign = false;
  Recorder recorder;
  std::uint64_t ids = 0;
  std::optional<HubLink> link;

  Link() {
    config.name = "frond1";
    config.domain = "edge1";
    config.version = "2.10.27";
    config.hub = HubConfig{.url = "ws://hub/leafnode",
                           .domain = "hub",
                           .user = "lu",
                           .password = "lp",
                           .token = {},
                           .jwt = {}};
  }
  void open(std::int64_t ms = 0) {
    link.emplace(
        config, router, interest, entropy, sign ? &signer : nullptr, outbox,
        [this] { return ConnectionId{++ids}; }, guard, at_ms(ms));
    link->set_listener(&recorder);
  }
  std::string said() {
    link->flush();
    return sent(outbox, ConnectionId{ids});
  }
  std::optional<std::string> dialled() {
    for (const Output& output : outbox.take()) {
      if (const auto* dial = std::get_if<DialHub>(&output)) {
        return dial->url;
      }
    }
    return std::nullopt;
  }
  void receive(std::string_view bytes, std::int64_t ms = 0) {
    link->received(ConnectionId{ids}, bytes, at_ms(ms));
  }
  void online(std::string_view interest_lines = {}, std::string_view info = second_info) {
    open();
    link->connected(ConnectionId{ids}, at_ms(0));
    receive(leaf_info);
    receive(info);
    receive(interest_lines);
    receive("PONG\r\n");
    REQUIRE(link->online());
    said();
  }
  LinkState state() const { return link->status().state; }
};

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
    CHECK(w.link->status().cause == "remote leafnode has same cluster name");
  }
  CHECK(w.state() == LinkState::refused);
  CHECK(w.link->next_deadline() == at_ms(30'000));
}

TEST_CASE("backoff: jittered, doubling to 30 s, for ever") {
  Link w;
  w.open();
  std::int64_t now = 0;
  std::vector<std::int64_t> pauses;
  for (int i = 0; i < 12; ++i) {
    REQUIRE(w.dialled());
    w.link->closed(ConnectionId{w.ids}, "1006", at_ms(now));
    CHECK(w.state() == LinkState::offline);
    CHECK(w.link->status().cause == "1006");
    const std::int64_t due =
        std::chrono::ceil<std::chrono::milliseconds>(w.link->next_deadline() - at_ms(now)).count();
    pauses.push_back(due);
    now += due - 1;
    w.link->tick(at_ms(now));
    CHECK_FALSE(w.dialled());
    now += 1;
    w.link->tick(at_ms(now));
  }
  std::int64_t step = 250;
  for (const std::int64_t pause : pauses) {
    CHECK(pause >= step / 2);
    CHECK(pause <= step + 1);
    step = std::min<std::int64_t>(step * 2, 30'000);
  }
  CHECK(w.dialled());
}

TEST_CASE("refusals wait 30 s, a network hint does not") {
  Link w;
  w.open();
  w.link->connected(ConnectionId{1}, at_ms(0));
  w.receive(leaf_info);
  w.receive("-ERR 'Authorization Violation'\r\n", 100);
  CHECK(w.state() == LinkState::refused);
  CHECK(w.link->status().cause == "Authorization Violation");
  CHECK(w.said() == std::string(connect_line) + "CLOSE Authorization Violation");
  w.link->closed(ConnectionId{1}, "1008", at_ms(101));  // The host's echo changes nothing.
  CHECK(w.state() == LinkState::refused);
  w.link->tick(at_ms(30'099));
  CHECK_FALSE(w.dialled());
  SECTION("by time") { w.link->tick(at_ms(30'100)); }
  SECTION("by hint") { w.link->network_hint(true, at_ms(200)); }
  CHECK(w.dialled());
  CHECK(w.state() == LinkState::connecting);
}

TEST_CASE("a dial or a handshake without progress is given up") {
  Link w;
  w.open();
  w.outbox.take();
  SECTION("dial") {}
  SECTION("handshake") {
    w.link->connected(ConnectionId{1}, at_ms(0));
    w.receive(leaf_info, 0);
    w.said();
  }
  w.link->tick(at_ms(9'999));
  CHECK(w.state() == LinkState::connecting);
  w.link->tick(at_ms(10'000));
  CHECK(w.state() == LinkState::offline);
  CHECK(sent(w.outbox, ConnectionId{1}).find("CLOSE") != std::string::npos);
}

TEST_CASE("keepalive: own PING every 30 s, cut when unanswered") {
  Link w;
  w.online();
  w.link->tick(at_ms(29'999));
  CHECK(w.said().empty());
  w.link->tick(at_ms(30'000));
  CHECK(w.said() == "PING\r\n");
  SECTION("answered") {
    w.receive("PONG\r\n", 30'100);
    w.link->tick(at_ms(45'000));
    CHECK(w.link->online());
  }
  SECTION("bytes are a sign of life") {
    w.receive("LS+ a\r\n", 39'000);
    w.link->tick(at_ms(41'000));
    CHECK(w.link->online());
  }
  SECTION("silence") {
    w.link->tick(at_ms(40'000));
    CHECK(w.state() == LinkState::offline);
    CHECK(w.said() == "CLOSE Stale Connection");
    CHECK(w.link->status().cause == "Stale Connection");
  }
}

TEST_CASE("network hint probes at once, with a short patience") {
  Link w;
  w.online();
  w.link->network_hint(true, at_ms(1000));
  CHECK(w.said() == "PING\r\n");
  w.link->tick(at_ms(1000) + base::link_probe_timeout);
  CHECK(w.state() == LinkState::offline);
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

TEST_CASE("hub interest becomes ours and is forgotten at once when the link is lost") {
  Link w;
  w.online("LS+ up.>\r\nLS+ svc q1 3\r\n");
  CHECK(w.publish("up.1", "hi") == 1);
  CHECK(w.said() == "LMSG up.1 2\r\nhi\r\n");
  CHECK(w.publish("svc", "m", "r.1") == 1);
  CHECK(w.said() == "LMSG svc + r.1 q1 1\r\nm\r\n");
  CHECK(w.publish("svc", "m") == 1);
  CHECK(w.said() == "LMSG svc | q1 1\r\nm\r\n");
  CHECK(w.publish("up.2", "E", "", "NATS/1.0\r\nK: V\r\n\r\n") == 1);
  CHECK(w.said() == "HMSG up.2 18 19\r\nNATS/1.0\r\nK: V\r\n\r\nE\r\n");
  w.receive("LS- svc q1\r\n");
  CHECK(w.publish("svc", "m") == 0);
  w.link->closed(ConnectionId{1}, "1006", at_ms(10));
  CHECK_FALSE(w.router.has_interest("up.1"));
  CHECK(w.publish("up.1", "hi") == 0);
}

TEST_CASE("local interest is announced once per subject and by its weight per queue group") {
  Link w;
  w.online();
  const auto a = w.router.subscribe(w.client, "news.*");
  const auto b = w.router.subscribe(w.client, "news.*");
  CHECK(w.said() == "LS+ news.*\r\n");
  const auto c = w.router.subscribe(w.client, "svc", "g");
  const auto d = w.router.subscribe(w.client, "svc", "g");
  CHECK(w.said() == "LS+ svc g 1\r\nLS+ svc g 2\r\n");
  w.router.unsubscribe(a);
  w.router.unsubscribe(c);
  CHECK(w.said() == "LS+ svc g 1\r\n");
  w.router.unsubscribe(b);
  w.router.unsubscribe(d);
  CHECK(w.said() == "LS- news.*\r\nLS- svc g\r\n");
}

TEST_CASE("the hub's own interest is never announced back, and no message goes back to it") {
  Link w;
  w.online("LS+ a.>\r\n");
  CHECK(w.said().empty());
  w.router.subscribe(w.client, "a.b");
  w.said();
  w.receive("LMSG a.b 1\r\nx\r\n");
  CHECK(w.client.got == std::vector<std::string>{"a.b a.b  x"});
  CHECK(w.said().empty());
}

TEST_CASE("JetStream's and the node's own subjects stay on their side") {
  Link w;
  w.online("LS+ >\r\n");
  for (const char* subject :
       {"$JS.API.INFO", "$KV.cfg.k", "$OBJ.x", "$O.b.C.x", "$JS.edge1.API.STREAM.NAMES",
        "$SYS.REQ.USER.INFO", "$FROND.QUERY.S"}) {
    INFO(subject);
    CHECK(w.publish(subject, "x") == 0);
    w.router.subscribe(w.client, subject);
  }
  CHECK(w.said() == "LS+ $JS.edge1.API.STREAM.NAMES\r\n");
  CHECK(w.publish("$JS.hub.API.INFO", "", "_INBOX.r") == 1);
  CHECK(w.said() == "LMSG $JS.hub.API.INFO _INBOX.r 0\r\n\r\n");
  w.client.got.clear();
  w.receive("LMSG $JS.API.INFO r 0\r\n\r\nLMSG $KV.cfg.k 1\r\nx\r\n");
  CHECK(w.client.got.empty());
}

TEST_CASE("permissions of the second INFO are kept on our side") {
  Link w;
  w.router.subscribe(w.client, "down.1");
  w.router.subscribe(w.client, "secret.1");
  w.router.subscribe(w.client, "secret.*");
  w.router.subscribe(w.client, "*.1");
  w.open();
  w.link->connected(ConnectionId{1}, at_ms(0));
  w.receive(leaf_info);
  w.said();
  w.receive(
      "INFO {\"connect_info\":true,\"import\":{\"allow\":[\"down.>\"]},\"export\":{\"allow\":"
      "[\"up.>\"],\"deny\":[\"up.no\"]},\"headers\":true,\"max_payload\":100}\r\n");
  CHECK(w.said() == std::string(guard_line) + "LS+ *.1\r\nLS+ down.1\r\n");
  w.receive("LS+ >\r\nPONG\r\n");
  CHECK(w.publish("up.2", "x") == 1);
  CHECK(w.publish("up.no", "x") == 0);
  CHECK(w.publish("other", "x") == 0);
  CHECK(w.publish("$JS.ACK.S.C.1.1.1.1.0", "+ACK") == 1);
  CHECK(w.publish("up.2", std::string(101, 'x')) == 0);
  CHECK(w.link->send_direct("other", {"other", {}, {}, "x"}) == DirectSend::denied);
}

TEST_CASE("reply@subject both ways") {
  Link w;
  w.online("LS+ cloud.inbox\r\n");
  w.router.subscribe(w.client, "my.inbox");
  w.receive("LMSG my.inbox $JS.ACK.ORD.C@1.1.1.1.1795423718818299759.0@ord.a.b 1\r\n1\r\n");
  CHECK(w.client.got ==
        std::vector<std::string>{"my.inbox ord.a.b $JS.ACK.ORD.C@1.1.1.1.1795423718818299759.0 1"});
  w.said();
  const base::Message delivery{"loc.x", "$JS.ACK.LOC.C1.1.1.1.1.0", {}, "n"};
  CHECK(w.router.publish({.message = delivery, .target = "cloud.inbox"}) == 1);
  CHECK(w.said() == "LMSG cloud.inbox $JS.ACK.LOC.C1.1.1.1.1.0@loc.x 1\r\nn\r\n");
}

TEST_CASE("queue messages from the hub go to one member of the listed groups only") {
  Link w;
  w.online();
  w.router.subscribe(w.client, "svc", "g1");
  w.router.subscribe(w.client, "svc", "g2");
  w.receive("LMSG svc 1\r\na\r\n");
  CHECK(w.client.got.empty());
  w.receive("LMSG svc | g1 nobody 1\r\nb\r\n");
  CHECK(w.client.got == std::vector<std::string>{"svc svc  b"});
}

TEST_CASE("503 for a request to a group that has just gone, never toward JetStream") {
  Link w;
  w.online("LS+ _INBOX.x.*\r\nLS+ $JS.ACK.S.C.>\r\n");
  w.receive("LMSG svc + _INBOX.x.1 g 2\r\nhi\r\n");
  CHECK(w.said() == "HMSG _INBOX.x.1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n");
  w.receive("LMSG svc + $JS.ACK.S.C.1.1.1.1.0@svc g 2\r\nhi\r\n");
  w.receive("LMSG svc _INBOX.x.1 2\r\nhi\r\n");
  CHECK(w.said().empty());
}

TEST_CASE("our own loop guard coming back is a loop") {
  Link w;
  w.online();
  w.receive(guard_line);
  CHECK(w.state() == LinkState::refused);
  CHECK(w.link->status().cause.find("Loop detected") == 0);
}

struct Synced final : SyncedSubjects {
  bool forwards(std::string_view subject) const override { return subject.starts_with("ord."); }
  bool captures(std::string_view subject) const override { return subject == "ord.>"; }
};

class Internal final : public route::Sink {
 public:
  route::SinkKind kind() const override { return route::SinkKind::internal; }
  void deliver(const route::Subscription&, const base::Message&, std::string_view) override {}
  bool forward(const base::Message&, std::string_view, bool,
               std::span<const std::string_view>) override {
    return false;
  }
};

TEST_CASE("a synced subject has one way across the link") {
  Link w;
  Synced synced;
  Internal stream;
  w.router.subscribe(stream, "ord.>");
  w.open();
  w.link->set_synced(&synced);
  w.link->connected(ConnectionId{1}, at_ms(0));
  w.receive(leaf_info);
  w.said();
  w.receive(second_info);
  CHECK(w.said() == guard_line);  // The forwarded stream's own interest stays here.
  CHECK(w.link->send_direct("ord.1", {"ord.1", {}, {}, "x"}) == DirectSend::offline);
  w.receive("LS+ ord.*\r\nPONG\r\n");
  CHECK(w.publish("ord.1", "x") == 1);  // The stream alone.
  CHECK(w.said().empty());
  CHECK(w.link->send_direct("ord.1", {"ord.1", "r", {}, "x"}) == DirectSend::sent);
  CHECK(w.said() == "LMSG ord.1 r 1\r\nx\r\n");
  CHECK(w.link->send_direct("none", {"none", {}, {}, "x"}) == DirectSend::no_interest);
  w.router.subscribe(w.client, "ord.>");
  CHECK(w.said() == "LS+ ord.>\r\n");
  w.router.remove_sink(stream);
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
