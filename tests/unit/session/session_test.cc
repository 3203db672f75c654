// What a client sends and gets.
#include "unit/session/session_rig.h"

using namespace frond;
using namespace frond::session;
using namespace std::chrono_literals;

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

TEST_CASE_METHOD(Fixture, "session: no responders counts as a delivery of the inbox") {
  auto a = client();
  send(*a, "SUB _INBOX.a 5\r\nUNSUB 5 1\r\n");
  CHECK(send(*a, "PUB none _INBOX.a 0\r\n\r\n").starts_with("HMSG _INBOX.a 5 "));
  CHECK(a->subscription_count() == 0);
  CHECK(send(*a, "PUB none _INBOX.a 0\r\n\r\n").empty());
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
