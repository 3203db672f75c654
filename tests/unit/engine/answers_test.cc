// What the node sends by itself to a subject that somebody else chose is an answer: it reaches
// subscribers and streams, and is never taken for a request, here or behind a link.

#include "linked_node.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace {

using frond::ConnectionId;
using frond::test::LinkedNode;
using frond::test::named;
using frond::test::publish_line;
using frond::test::TestNode;

const std::vector<std::string> aims = {
    "$JS.API.STREAM.DELETE.VICTIM",     "$JS.phone.API.STREAM.DELETE.VICTIM",
    "$JS.API.STREAM.PURGE.VICTIM",      "$JS.phone.API.CONSUMER.DELETE.VICTIM.d",
    "$JS.API.CONSUMER.DELETE.VICTIM.d", "$JS.API.CONSUMER.PAUSE.VICTIM.d",
    "$JS.phone.API.$KV.bucket.key",
};

/// A stream to be hurt, with a consumer and a message, and one to ask from.
void add_victim(TestNode& node) {
  const ConnectionId owner = node.client();
  node.request(owner, "$JS.API.STREAM.CREATE.VICTIM", R"({"name":"VICTIM","subjects":["v"]})");
  node.request(owner, "$JS.API.CONSUMER.DURABLE.CREATE.VICTIM.d",
               R"({"stream_name":"VICTIM","config":{"durable_name":"d","ack_policy":"explicit"}})");
  node.request(owner, "$JS.API.STREAM.CREATE.KV_bucket",
               R"({"name":"KV_bucket","subjects":["$KV.bucket.>"]})");
  node.request(owner, "$JS.API.STREAM.CREATE.S",
               R"({"name":"S","subjects":["s"],"allow_direct":true})");
  node.request(owner, "$JS.API.CONSUMER.DURABLE.CREATE.S.c",
               R"({"stream_name":"S","config":{"durable_name":"c","ack_policy":"explicit"}})");
  node.request(owner, "v", "kept");
  // Bodies that these requests would take: a delivery carries what was stored.
  node.request(owner, "s", "");
  node.request(owner, "s", "{}");
  node.engine->closed(owner, "gone", node.both());
}

std::string told_of_victim(TestNode& node) {
  const ConnectionId owner = node.client();
  std::string told = node.request(owner, "$JS.API.STREAM.INFO.VICTIM", "") +
                     node.request(owner, "$JS.API.CONSUMER.INFO.VICTIM.d", "") +
                     node.request(owner, "$JS.API.STREAM.INFO.KV_bucket", "");
  node.engine->closed(owner, "gone", node.both());
  // But for the time of the answer.
  const std::string time = R"("ts":")";
  for (std::size_t at = 0; (at = told.find(time, at)) != std::string::npos;) {
    told.erase(at, told.find('"', at + time.size()) + 1 - at);
  }
  return told;
}

/// Says `bytes` as a client and lets everything that follows happen.
void attack(TestNode& node, const std::string& bytes) {
  const ConnectionId attacker = node.client();
  node.say(attacker, bytes);
  node.commit_all();
  node.pass(std::chrono::seconds(3));
  node.engine->closed(attacker, "gone", node.both());
  node.commit_all();
}

/// What brings the node to send something to `aim`: each line by a client of its own.
std::vector<std::string> provocations(const std::string& aim) {
  const std::string next = "$JS.API.CONSUMER.MSG.NEXT.S.";
  return {
      // A pull: messages, a status, a heartbeat, no consumer.
      publish_line(next + "c", aim, "2"),
      publish_line(next + "c", aim, R"({"batch":1,"no_wait":true})"),
      publish_line(next + "c", aim,
                   R"({"batch":1,"expires":900000000,"idle_heartbeat":200000000})"),
      publish_line(next + "none", aim, ""),
      // A direct get: one, a batch, the last ones, none.
      publish_line("$JS.API.DIRECT.GET.S", aim, R"({"seq":1})"),
      publish_line("$JS.API.DIRECT.GET.S", aim, R"({"seq":1,"batch":2})"),
      publish_line("$JS.API.DIRECT.GET.S", aim, R"({"multi_last":["s"]})"),
      publish_line("$JS.API.DIRECT.GET.S.s", aim, ""),
      publish_line("$JS.API.DIRECT.GET.NONE", aim, ""),
      // The API, and the node itself.
      publish_line("$JS.API.INFO", aim, ""),
      publish_line("$JS.phone.API.STREAM.NAMES", aim, ""),
      publish_line("$JS.API.STREAM.INFO.NONE", aim, ""),
      publish_line("$FROND.STATUS", aim, ""),
      publish_line("$FROND.SYNC.INFO.S", aim, ""),
      // A publish into a stream, and one that the stream refuses.
      publish_line("s", aim, "x"),
      "HPUB s " + aim + " 48 48\r\nNATS/1.0\r\nNats-Expected-Last-Sequence: 99999\r\n\r\n\r\n",
      // A push consumer, with its heartbeats.
      publish_line("$JS.API.CONSUMER.CREATE.S.p", "in",
                   R"({"stream_name":"S","config":{"name":"p","ack_policy":"none",)"
                   R"("idle_heartbeat":200000000,"deliver_subject":")" +
                       aim + R"("}})"),
      // An acknowledgement, confirmed, and one that asks for the next message.
      "SUB in 1\r\n" + publish_line(next + "c", "in", "1") +
          publish_line("$JS.ACK.S.c.1.1.1.1.1", aim, "+NXT"),
      publish_line("$JS.ACK.S.c.1.2.2.1.0", aim, "+ACK"),
  };
}

}  // namespace

TEST_CASE("an answer of the node never acts as a request") {
  for (const std::string& aim : aims) {
    for (const std::string& bytes : provocations(aim)) {
      INFO(bytes);
      TestNode node(named("phone", "phone"));
      add_victim(node);
      const std::string before = told_of_victim(node);
      REQUIRE(before.find(R"("messages":1)") != std::string::npos);
      attack(node, bytes);
      CHECK(told_of_victim(node) == before);
    }
  }
}

TEST_CASE("an answer to a subject where requests are taken can still be heard and stored") {
  TestNode node(named("phone", "phone"));
  const ConnectionId client = node.client();
  node.say(client,
           "SUB $JS.API.STREAM.DELETE.S 1\r\nPUB $JS.API.INFO "
           "$JS.API.STREAM.DELETE.S 0\r\n\r\n");
  const std::string heard = node.heard(client);
  CHECK(heard.starts_with("MSG $JS.API.STREAM.DELETE.S 1 "));
  CHECK(heard.find("account_info_response") != std::string::npos);
  CHECK(heard.find("MSG", 3) == std::string::npos);
  node.request(client, "$JS.API.STREAM.CREATE.LOG",
               R"({"name":"LOG","subjects":["$JS.ACK.>","$JS.FC.>"],"no_ack":true})");
  node.say(client, "PUB $JS.API.INFO $JS.FC.a.b.c 0\r\n\r\n");
  node.commit_all();
  CHECK(node.request(client, "$JS.API.STREAM.INFO.LOG", "").find(R"("messages":1)") !=
        std::string::npos);
}

TEST_CASE("a pull whose reply is where requests are taken takes no message along") {
  TestNode node(named("phone", "phone"));
  add_victim(node);
  const ConnectionId client = node.client();
  node.say(client, publish_line("$JS.API.CONSUMER.MSG.NEXT.S.c", "$JS.API.STREAM.INFO.S", "2"));
  node.commit_all();
  CHECK(node.request(client, "$JS.API.CONSUMER.INFO.S.c", "").find(R"("num_ack_pending":0)") !=
        std::string::npos);
}

TEST_CASE("an answer does not cross the link to where the other side takes requests") {
  for (const std::string aim :
       {"$JS.hub.API.STREAM.DELETE.S", "$JS.API.STREAM.DELETE.S", "$JS.other.API.STREAM.DELETE.S",
        "$JS.ACK.S.c.1.1.1.1.1", "$JS.FC.S.c.x", "$FROND.STATUS", "$JS.hub.API.$KV.b.k"}) {
    INFO(aim);
    LinkedNode node;
    const ConnectionId client = node.client();
    node.say(client, publish_line("$JS.API.INFO", aim, ""));
    CHECK(node.heard(node.link).find(aim) == std::string::npos);
    // Any other subject it crosses to, and a client's own request crosses as ever.
    node.say(client, publish_line("$JS.API.INFO", "_INBOX.far", ""));
    CHECK(node.heard(node.link).starts_with("LMSG _INBOX.far "));
    node.say(client, publish_line("$JS.hub.API.INFO", "_INBOX.far", ""));
    CHECK(node.heard(node.link).starts_with("LMSG $JS.hub.API.INFO _INBOX.far 0"));
  }
}

TEST_CASE("who may not send a request may not name its subject as reply either") {
  frond::Config config = named("phone", "phone");
  frond::User user;
  user.name = "u";
  user.password = "p";
  user.publish.allow = {"service", "$JS.hub.API.CONSUMER.MSG.NEXT.>", "$JS.API.INFO"};
  config.users.push_back(user);
  TestNode node(config);
  const ConnectionId id{77};
  frond::ConnectionInfo info = frond::test::client_info();
  info.trusted = false;
  node.engine->connected(id, info, node.both());
  node.say(id, "CONNECT {\"user\":\"u\",\"pass\":\"p\",\"verbose\":false,\"protocol\":1}\r\n");
  node.heard(id);
  for (const std::string reply : {"$JS.API.STREAM.DELETE.S", "$JS.phone.API.STREAM.DELETE.S",
                                  "$JS.hub.API.STREAM.DELETE.S", "$FROND.STATUS"}) {
    node.say(id, publish_line("service", reply, ""));
    CHECK(node.heard(id) ==
          "-ERR 'Permissions Violation for Publish with Reply of \"" + reply + "\"'\r\n");
  }
  node.say(id,
           publish_line("service", "$JS.API.INFO", "") + publish_line("service", "_INBOX.x", ""));
  CHECK(node.heard(id).empty());
}
