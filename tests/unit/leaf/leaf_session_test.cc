// What crosses a link and what does not, as the soliciting side (leafnode-protocol 4 to 9).

#include "leaf/leaf_session.h"

#include "link_world.h"

namespace frond::leaf {
namespace {

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

TEST_CASE("interest that went and came back is announced again") {
  Link w;
  w.online();
  w.router.unsubscribe(w.router.subscribe(w.client, "news"));
  CHECK(w.said() == "LS+ news\r\nLS- news\r\n");
  w.router.subscribe(w.client, "news");
  CHECK(w.said() == "LS+ news\r\n");
}

TEST_CASE("a group of the hub that goes leaves the hub's plain interest in the same subject") {
  Link w;
  w.online("LS+ a.*\r\nLS+ a.* q 1\r\nLS- a.* q\r\n");
  CHECK(w.link->send_direct("a.1", {"a.1", {}, {}, "x"}) == DirectSend::sent);
  w.receive("LS- a.*\r\n");
  CHECK(w.link->send_direct("a.1", {"a.1", {}, {}, "x"}) == DirectSend::no_interest);
}

TEST_CASE("a message as large as the hub takes crosses, one byte more does not") {
  Link w;
  w.online("LS+ up\r\n", "INFO {\"connect_info\":true,\"headers\":true,\"max_payload\":100}\r\n");
  const std::string header = "NATS/1.0\r\nK: V\r\n\r\n";
  const std::string most(100 - header.size(), 'x');
  CHECK(w.publish("up", most, {}, header) == 1);
  CHECK(w.publish("up", most + "x", {}, header) == 0);
  CHECK(w.link->send_direct("up", {"up", {}, header, most}) == DirectSend::sent);
  CHECK(w.link->send_direct("up", {"up", {}, header, most + "x"}) == DirectSend::denied);
}

TEST_CASE("rights that the last hub gave end with its link") {
  Link w;
  w.online("LS+ >\r\n",
           "INFO {\"connect_info\":true,\"export\":{\"allow\":[\"up\"]},\"headers\":true,"
           "\"max_payload\":100}\r\n");
  CHECK(w.publish("other", "x") == 0);
  w.link->closed(ConnectionId{w.ids}, "1006", at_ms(10));
  w.link->network_hint(true, at_ms(10));
  w.link->connected(ConnectionId{w.ids}, at_ms(11));
  // An older hub says all it has to say in one INFO.
  w.receive(
      "INFO {\"leafnode_urls\":[\"127.0.0.1:7422\"],\"headers\":true,\"max_payload\":100}\r\n"
      "LS+ >\r\nPONG\r\n");
  REQUIRE(w.link->online());
  CHECK(w.publish("other", "x") == 1);
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

TEST_CASE("a message of the hub that is to be traced only goes nowhere") {
  Link w;
  w.online();
  w.router.subscribe(w.client, "a");
  w.said();
  const std::string traced = "NATS/1.0\r\nNats-Trace-Dest: t\r\nNats-Trace-Only: true\r\n\r\n";
  const auto size = std::to_string(traced.size());
  w.receive("HMSG a " + size + " " + size + "\r\n" + traced + "\r\n");
  CHECK(w.client.got.empty());
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
  bool publish_stays(std::string_view subject) const override {
    return subject.starts_with("ord.");
  }
  bool interest_stays(std::string_view subject) const override { return subject == "ord.>"; }
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

}  // namespace
}  // namespace frond::leaf
