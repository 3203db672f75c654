// INFO and CONNECT.
#include "unit/session/session_rig.h"

using namespace frond;
using namespace frond::session;
using namespace std::chrono_literals;

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

TEST_CASE_METHOD(Fixture, "session: a second CONNECT starts over") {
  auto a = client();
  send(*a, "SUB s 1\r\nCONNECT {\"verbose\":false}\r\n");
  CHECK_FALSE(a->closing());
  CHECK(a->subscription_count() == 0);
}
