#include "session/session.h"

#include <catch2/catch.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace frond;
using frond::session::Node;
using frond::session::Session;

namespace {

struct Random : Entropy {
  std::uint64_t state = 3;
  std::uint64_t next() override {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> 20;
  }
};

const Instant start_time{1'800'000'000s};
const std::string hpub_header = "NATS/1.0\r\nA: b\r\n\r\n";  // 18 bytes.

struct Fixture {
  Random random;
  Config config = [] {
    Config c;
    c.name = "node-1";
    c.domain = "edge";
    return c;
  }();
  route::Router router{random};
  route::DirtyList dirty;
  Node node{config, router, dirty, random, "N" + std::string(55, 'A')};
  Instant now = start_time;
  std::uint64_t last_id = 0;

  std::unique_ptr<Session> open(bool trusted = false) {
    ConnectionInfo info;
    info.address = "10.1.2.3";
    info.trusted = trusted;
    auto session = std::make_unique<Session>(ConnectionId(++last_id), info, node, now);
    session->start(now);
    return session;
  }
  /// Connected without verbose and pedantic; INFO is taken.
  std::unique_ptr<Session> client(const std::string& extra = "") {
    auto session = open();
    send(*session,
         R"(CONNECT {"verbose":false,"pedantic":false,"headers":true,"no_responders":true)" +
             (extra.empty() ? "" : "," + extra) + "}\r\n");
    session->output().take();
    return session;
  }
  std::string send(Session& session, std::string_view bytes) {
    const std::vector<char> own(bytes.begin(), bytes.end());
    session.receive({own.data(), own.size()}, now);
    return session.output().take();
  }
  /// The closing text and reason in one.
  std::string end(Session& session, std::string_view bytes) {
    std::string text = send(session, bytes);
    CHECK(session.closing());
    return text + session.output().close_reason();
  }
};

nlohmann::json info_of(const std::string& bytes) {
  REQUIRE(bytes.starts_with("INFO {"));
  return nlohmann::json::parse(bytes.substr(5, bytes.find("\r\n") - 5));
}

}  // namespace

TEST_CASE_METHOD(Fixture, "session: greets with INFO (CP-01, IN-01, IN-02, IN-05)") {
  auto session = open();
  CHECK(session->output().take() ==
        "INFO {\"server_id\":\"" + node.server_id +
            "\",\"server_name\":\"node-1\",\"version\":\"2.14.0\",\"proto\":1,\"go\":\"frond\","
            "\"host\":\"0.0.0.0\",\"port\":4222,\"headers\":true,\"max_payload\":1048576,"
            "\"jetstream\":true,\"client_id\":1,\"client_ip\":\"10.1.2.3\",\"domain\":\"edge\","
            "\"api_lvl\":1} \r\n");
}

TEST_CASE_METHOD(Fixture, "session: INFO with what is configured (IN-03, IN-04)") {
  config.jetstream = false;
  config.domain.clear();
  config.token = "t";
  config.name = "\xff";
  node.connect_urls = {"10.0.0.1:4222"};
  node.lame_duck = true;
  const nlohmann::json info = info_of(open()->output().take());
  CHECK(info["auth_required"] == true);
  CHECK(info["ldm"] == true);
  CHECK(info["connect_urls"] == nlohmann::json{"10.0.0.1:4222"});
  CHECK_FALSE(info.contains("jetstream"));
  CHECK_FALSE(info.contains("domain"));
  CHECK_FALSE(info.contains("nonce"));
  CHECK(info_of(open(true)->output().take()).contains("auth_required") == false);
}

TEST_CASE_METHOD(Fixture, "session: handshake (CP-02, CP-03)") {
  auto session = open();
  session->output().take();
  const std::string first =
      send(*session, "CONNECT {\"verbose\":false,\"protocol\":1}\r\nPING\r\n");
  REQUIRE(first.starts_with("PONG\r\nINFO {"));
  const nlohmann::json info = info_of(first.substr(6));
  CHECK(info["connect_info"] == true);
  CHECK(info["remote_account"] == "$G");
  CHECK(send(*session, "PING\r\n") == "PONG\r\n");
  auto old = open();
  old->output().take();
  CHECK(send(*old, "CONNECT {}\r\nPING\r\n") == "+OK\r\nPONG\r\n");
}

TEST_CASE_METHOD(Fixture, "session: verbose is the default and answers each verb (CP-04, CP-05)") {
  auto session = open();
  session->output().take();
  CHECK(send(*session, "CONNECT {}\r\n") == "+OK\r\n");
  CHECK(send(*session, "SUB foo 1\r\n") == "+OK\r\n");
  CHECK(send(*session, "PUB foo 2\r\nhi\r\n") == "+OK\r\nMSG foo 1 2\r\nhi\r\n");
  CHECK(send(*session, "UNSUB 1\r\n") == "+OK\r\n");
  CHECK(send(*session, "UNSUB unknown\r\n") == "+OK\r\n");
}

TEST_CASE_METHOD(Fixture, "session: works without CONNECT when no authentication is asked") {
  auto session = open();
  session->output().take();
  CHECK(send(*session, "SUB foo 1\r\nPUB foo 2\r\nhi\r\nPING\r\n") ==
        "+OK\r\n+OK\r\nMSG foo 1 2\r\nhi\r\nPONG\r\n");
}

TEST_CASE_METHOD(Fixture, "session: publish and subscribe between two clients, cut anywhere") {
  const std::string bytes =
      "PUB foo.bar r 5\r\nhello\r\nHPUB foo.x 18 20\r\n" + hpub_header + "hi\r\n";
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    CAPTURE(cut);
    auto a = client();
    auto b = client();
    send(*b, "SUB foo.* 7\r\n");
    send(*a, bytes.substr(0, cut));
    send(*a, bytes.substr(cut));
    REQUIRE(b->output().take() ==
            "MSG foo.bar 7 r 5\r\nhello\r\nHMSG foo.x 7 18 20\r\n" + hpub_header + "hi\r\n");
    CHECK(a->traffic().in_msgs == 2);
    CHECK(a->traffic().in_bytes == 25);
    CHECK(b->traffic().out_msgs == 2);
    CHECK(b->traffic().out_bytes == 25);
  }
}

TEST_CASE_METHOD(Fixture, "session: a client without headers gets the payload only") {
  auto a = client();
  auto plain = open();
  send(*plain, "CONNECT {\"verbose\":false}\r\nSUB foo 1\r\n");
  send(*a, "HPUB foo 18 20\r\n" + hpub_header + "hi\r\n");
  CHECK(plain->output().take() == "MSG foo 1 2\r\nhi\r\n");
  CHECK(end(*plain, "HPUB foo 18 20\r\n") == "Protocol Violation");
}

TEST_CASE_METHOD(Fixture, "session: echo (CP-07)") {
  auto quiet = client("\"echo\":false");
  CHECK(send(*quiet, "SUB s 1\r\nPUB s 1\r\nx\r\n").empty());
  auto loud = client();
  CHECK(send(*loud, "SUB s 1\r\nPUB s 1\r\nx\r\n") == "MSG s 1 1\r\nx\r\n");
}

TEST_CASE_METHOD(Fixture, "session: a sid in use stays what it is (CP-08)") {
  auto a = client();
  send(*a, "SUB foo 1\r\nSUB bar 1\r\n");
  CHECK(a->subscription_count() == 1);
  CHECK(send(*a, "PUB bar 1\r\nx\r\nPUB foo 1\r\ny\r\n") == "MSG foo 1 1\r\ny\r\n");
  send(*a, "UNSUB 2\r\n");
  CHECK(a->subscription_count() == 1);
  send(*a, "UNSUB 1\r\n");
  CHECK(a->subscription_count() == 0);
  CHECK(router.subscription_count() == 0);
}

TEST_CASE_METHOD(Fixture, "session: UNSUB counts what was delivered before (CP-08)") {
  auto a = client();
  const std::string publish = "PUB s 1\r\nx\r\n";
  const std::string message = "MSG s 1 1\r\nx\r\n";
  send(*a, "SUB s 1\r\n" + publish + publish);
  send(*a, "UNSUB 1 3\r\n");
  CHECK(send(*a, publish + publish) == message);
  CHECK(a->subscription_count() == 0);
  send(*a, "SUB s 1\r\n" + publish + publish + "UNSUB 1 2\r\n");
  CHECK(a->subscription_count() == 0);
  send(*a, "SUB s 1\r\nUNSUB 1 1\r\nUNSUB 1 2\r\n");
  CHECK(send(*a, publish + publish + publish) == message + message);
}

TEST_CASE_METHOD(Fixture, "session: pedantic publish (CP-06)") {
  auto a = client("\"pedantic\":true");
  for (const char* subject : {"foo.*", "foo..bar", "foo.>", ">", "foo."}) {
    CHECK(send(*a, "PUB " + std::string(subject) + " 0\r\n\r\n") ==
          "-ERR 'Invalid Publish Subject'\r\n");
  }
  CHECK(send(*a, "PUB foo 0\r\n\r\nPING\r\n") == "PONG\r\n");
  auto b = client("\"pedantic\":false");
  CHECK(send(*b, "PUB foo.* 0\r\n\r\n").empty());
}

TEST_CASE_METHOD(Fixture, "session: invalid subscriptions (ER-06)") {
  auto a = client();
  CHECK(send(*a, "SUB foo..bar 1\r\nSUB foo.>.x 1\r\nSUB . 3\r\n") ==
        "-ERR 'Invalid Subject'\r\n-ERR 'Invalid Subject'\r\n-ERR 'Invalid Subject'\r\n");
  CHECK(a->subscription_count() == 0);
  CHECK_FALSE(a->closing());
}

TEST_CASE_METHOD(Fixture, "session: no responders (CP-12)") {
  auto a = client();
  send(*a, "SUB _INBOX.a.* 5\r\n");
  CHECK(send(*a, "PUB svc.echo _INBOX.a.1 2\r\nhi\r\n") ==
        "HMSG _INBOX.a.1 5 40 40\r\nNATS/1.0 503\r\nNats-Subject: svc.echo\r\n\r\n\r\n");
  CHECK(send(*a, "PUB svc.echo 2\r\nhi\r\n").empty());
  CHECK(send(*a, "PUB svc.echo other 2\r\nhi\r\n").empty());
  auto service = client();
  send(*service, "SUB svc.* 1\r\n");
  CHECK(send(*a, "PUB svc.echo _INBOX.a.2 2\r\nhi\r\n").empty());
  auto quiet = client("\"no_responders\":false");
  CHECK(send(*quiet, "SUB _INBOX.b 1\r\nPUB nobody _INBOX.b 0\r\n\r\n").empty());
}

TEST_CASE_METHOD(Fixture, "session: a message to be traced only is not delivered (TR-04)") {
  auto a = client();
  auto b = client();
  send(*b, "SUB a 1\r\n");
  send(*a, "SUB _INBOX.a 5\r\n");
  const std::string traced = "NATS/1.0\r\nNats-Trace-Dest: t\r\nNats-Trace-Only: true\r\n\r\n";
  const auto sizes = std::to_string(traced.size()) + " " + std::to_string(traced.size());
  CHECK(send(*a, "HPUB a _INBOX.a " + sizes + "\r\n" + traced + "\r\n").empty());
  CHECK(b->output().take().empty());
  CHECK(send(*a, "HPUB none _INBOX.a " + sizes + "\r\n" + traced + "\r\n")
            .starts_with("HMSG _INBOX.a 5 "));
}

TEST_CASE_METHOD(Fixture, "session: no responders counts as a delivery of the inbox") {
  auto a = client();
  send(*a, "SUB _INBOX.a 5\r\nUNSUB 5 1\r\n");
  CHECK(send(*a, "PUB none _INBOX.a 0\r\n\r\n").starts_with("HMSG _INBOX.a 5 "));
  CHECK(a->subscription_count() == 0);
  CHECK(send(*a, "PUB none _INBOX.a 0\r\n\r\n").empty());
}

TEST_CASE_METHOD(Fixture, "session: CONNECT that asks for what cannot be (CP-13, CP-14, CO-03)") {
  const auto connect = [this](const std::string& json) {
    auto session = open();
    session->output().take();
    return end(*session, "CONNECT " + json + "\r\n");
  };
  CHECK(connect(R"({"no_responders":true})") ==
        "-ERR 'no responders requires headers support'\r\nNo Responders Requires Headers");
  CHECK(connect(R"({"protocol":2})") ==
        "-ERR 'invalid client protocol'\r\nBad Client Protocol Version");
  CHECK(connect(R"({"protocol":-1})") ==
        "-ERR 'invalid client protocol'\r\nBad Client Protocol Version");
  CHECK(connect(R"({"account":"A"})") ==
        "-ERR 'Authorization Violation'\r\nAuthentication Failure");
  CHECK(connect("{nonsense}") == "Protocol Violation");
  CHECK(connect("[]") == "Protocol Violation");
  CHECK(connect(R"({"verbose":"yes"})") == "Protocol Violation");
  CHECK(connect(std::string(2000, '[')) == "Protocol Violation");
}

TEST_CASE_METHOD(Fixture,
                 "session: CONNECT keeps what it says and ignores the rest (CO-01, CO-05)") {
  auto a = open();
  send(*a, R"(CONNECT {"name":"app","lang":"nats.js","version":"3.1","future":{"x":[1]},"sig":"s",)"
           R"("tls_required":true,"echo":null})"
           "\r\n");
  CHECK_FALSE(a->closing());
  CHECK(a->options().name == "app");
  CHECK(a->options().lang == "nats.js");
  CHECK(a->options().version == "3.1");
  CHECK(a->options().echo);
}

TEST_CASE_METHOD(Fixture, "session: a second CONNECT starts over") {
  auto a = client();
  send(*a, "SUB s 1\r\nCONNECT {\"verbose\":false}\r\n");
  CHECK_FALSE(a->closing());
  CHECK(a->subscription_count() == 0);
}

TEST_CASE_METHOD(Fixture, "session: errors that close (ER-01, ER-04, CP-09, CP-10)") {
  CHECK(end(*client(), "NONSENSE\r\n") ==
        "-ERR 'Unknown Protocol Operation'\r\nProtocol Violation");
  CHECK(end(*client(), "PUB foo 1048577\r\n") ==
        "-ERR 'Maximum Payload Violation'\r\nMaximum Message Payload Exceeded");
  CHECK(end(*client(), "HPUB foo 12 1048577\r\n") ==
        "-ERR 'Maximum Payload Violation'\r\nMaximum Message Payload Exceeded");
  CHECK(end(*client(), "SUB " + std::string(4097, 'x')) ==
        "-ERR 'maximum control line exceeded'\r\nMaximum Control Line Exceeded");
  CHECK(end(*client(), "PUB foo\r\n") == "Protocol Violation");
  CHECK(end(*client(), "-ERR 'oops'\r\n") == "Parse Error");
  auto a = client();
  end(*a, "X");
  CHECK(send(*a, "PING\r\n").empty());
  CHECK(a->next_deadline() == kNever);
}

TEST_CASE_METHOD(Fixture, "session: largest payload passes") {
  auto a = client();
  send(*a, "SUB s 1\r\n");
  const std::string payload(1024 * 1024, 'p');
  CHECK(send(*a, "PUB s 1048576\r\n" + payload + "\r\n") ==
        "MSG s 1 1048576\r\n" + payload + "\r\n");
}

TEST_CASE_METHOD(Fixture, "session: replies and subjects that are the server's (CP-21, CP-22)") {
  auto a = client();
  CHECK(send(*a, "PUB s $JS.ACK.S.C.1.1.1.1.0 0\r\n\r\n") ==
        "-ERR 'Permissions Violation for Publish with Reply of \"$JS.ACK.S.C.1.1.1.1.0\"'\r\n");
  CHECK(send(*a, "PUB s _R_.x 0\r\n\r\n") ==
        "-ERR 'Permissions Violation for Publish with Reply of \"_R_.x\"'\r\n");
  CHECK(send(*a, "PUB s _GR_.x 0\r\n\r\n") ==
        "-ERR 'Permissions Violation for Publish with Reply of \"_GR_.x\"'\r\n");
  CHECK(send(*a, "PUB $NRG.V.x 0\r\n\r\n") ==
        "-ERR 'Permissions Violation for Publish to \"$NRG.V.x\"'\r\n");
  CHECK(send(*a, "SUB s _sys_ 1\r\n") ==
        "-ERR 'Permissions Violation for Subscription to \"s\" using queue \"_sys_\"'\r\n");
  CHECK(send(*a, "PUB $JS.ACK.S.C.1.1.1.1.0 0\r\n\r\n").empty());  // Acks go this way.
}

TEST_CASE_METHOD(Fixture, "session: pings, and the stale connection (CP-15)") {
  auto a = client();
  CHECK(a->next_deadline() >= now + 2s);
  CHECK(a->next_deadline() < now + 2400ms);
  now = a->next_deadline();
  a->tick(now);
  CHECK(a->output().take() == "PING\r\n");
  now += 5ms;
  send(*a, "PONG\r\n");
  CHECK(a->round_trip() == 5ms);

  // Traffic stands for a pong.
  now = a->next_deadline() - 1s;
  send(*a, "PING\r\n");
  now += 1s;
  a->tick(now);
  CHECK(a->output().take().empty());
  now = a->next_deadline();
  a->tick(now);
  CHECK(a->output().take() == "PING\r\n");
  now = a->next_deadline();
  a->tick(now);
  CHECK(a->output().take() == "PING\r\n");
  now = a->next_deadline();
  a->tick(now);
  CHECK(a->output().take() == "-ERR 'Stale Connection'\r\n");
  CHECK(a->output().close_reason() == "Stale Connection");
}

TEST_CASE_METHOD(Fixture, "session: deliveries do not keep a connection alive") {
  config.ping_interval = 10s;
  auto dead = client();
  auto busy = client();
  send(*dead, "SUB s 1\r\n");
  for (int i = 0; i < 100 && !dead->closing(); ++i) {
    now += 1s;
    send(*busy, "PUB s 1\r\nx\r\n");
    dead->tick(now);
  }
  CHECK(dead->output().close_reason() == "Stale Connection");
  CHECK(now < start_time + 40s);
}

TEST_CASE_METHOD(Fixture, "session: slow consumers are cut off (CP-17)") {
  config.pending_bytes_max = 1000;
  auto slow = client();
  auto fast = client();
  slow->sent(10'000);  // What the handshake wrote.
  send(*slow, "SUB s 1\r\n");
  const std::string publish = "PUB s 100\r\n" + std::string(100, 'x') + "\r\n";
  std::string got;
  for (int i = 0; i < 5; ++i) {
    send(*fast, publish);
    const std::string bytes = slow->output().take();
    slow->sent(bytes.size());
    got += bytes;
  }
  CHECK_FALSE(slow->closing());
  std::size_t handed_over = 0;
  for (int i = 0; i < 200 && !slow->closing(); ++i) {
    send(*fast, publish);
    handed_over += slow->output().take().size();
  }
  CHECK(slow->output().close_reason() == "Slow Consumer (Pending Bytes)");
  CHECK(slow->output().take().empty());
  send(*fast, publish);
  CHECK(slow->output().take().empty());
}

TEST_CASE_METHOD(Fixture, "session: a session that goes takes its subscriptions along") {
  auto a = client();
  send(*a, "SUB s 1\r\nSUB s.* q 2\r\n");
  CHECK(router.subscription_count() == 2);
  a.reset();
  CHECK(router.subscription_count() == 0);
  CHECK(dirty.take().empty());
}

TEST_CASE_METHOD(Fixture, "session: announces changes to clients that can take it (CP-19, CP-20)") {
  auto modern = client("\"protocol\":1");
  auto old = client();
  auto unconnected = open();
  unconnected->output().take();
  node.lame_duck = true;
  modern->announce();
  old->announce();
  unconnected->announce();
  CHECK(info_of(modern->output().take())["ldm"] == true);
  CHECK(old->output().take().empty());
  CHECK(unconnected->output().take().empty());
}

TEST_CASE_METHOD(Fixture, "session: what it tells connz") {
  auto a = client();
  send(*a, "SUB s q 7\r\n");
  std::string seen;
  a->each_subscription(
      [&seen](std::string_view subject, std::string_view queue, std::string_view sid) {
        seen = std::string(subject) + "/" + std::string(queue) + "/" + std::string(sid);
      });
  CHECK(seen == "s/q/7");
  CHECK(a->started() == start_time);
  CHECK(a->info().address == "10.1.2.3");
}
