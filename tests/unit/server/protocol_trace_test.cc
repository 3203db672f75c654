#include "server/host/protocol_trace.h"

#include <catch2/catch.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

using namespace frond::server;

namespace {

/// What is in the log after these pieces came in on one connection.
template <class... Pieces>
std::string logged(const Pieces&... pieces) {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / "frond_protocol_trace_test.log";
  std::filesystem::remove(file);
  {
    const Log log(file.string(), false, false, true);
    ProtocolTrace trace(log);
    (trace.say(ProtocolTrace::Direction::in, 7, pieces), ...);
    trace.forget(7);
  }
  std::ifstream in(file);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  std::filesystem::remove(file);
  return text;
}

}  // namespace

TEST_CASE("trace: secrets of a CONNECT are left out, the rest is shown") {
  CHECK(redacted(R"(CONNECT {"user":"u","pass":"s3cret","verbose":false})") ==
        R"(CONNECT {"user":"u","pass":"[REDACTED]","verbose":false})");
  for (const char* key : {"pass", "PASS", "auth_token", "jwt", "sig", "nkey"}) {
    CHECK(redacted("connect {\"" + std::string(key) + "\":\"s3cret\"}").find("s3cret") ==
          std::string::npos);
  }
  CHECK(redacted(R"(CONNECT {"pass":"s3cret)") == "CONNECT [REDACTED]");
  CHECK(redacted(R"(	CONNECT{"pass":["s3cret"]})").find("s3cret") == std::string::npos);
  CHECK(redacted("PUB a 5") == "PUB a 5");
}

TEST_CASE("trace: a CONNECT may come in pieces, and behind anything") {
  const std::string secret = "s3cret";
  for (const std::string& text :
       {logged("CON", "NECT {\"pass\":\"s3c", "ret\"}\r\nPING\r\n"),
        logged("PING\r\nCONNECT {\"pass\":\"s3cret\"}\r\nPING\r\n"),
        logged("PING\nconnect {\"pass\":\"s3cret\"}\nPING\r\n"),
        logged("CONNECT {\"pass\":\"" + secret + std::string(100'000, 'x') + secret, secret,
               "\"}\r\nPING\r\n")}) {
    CHECK(text.find("PING") != std::string::npos);
    CHECK(text.find("REDACTED") != std::string::npos);
    CHECK(text.find(secret) == std::string::npos);
  }
  CHECK(logged("PUB a 5\r\nhel", "lo\r\n").find("<<- [PUB a 5]") != std::string::npos);
}
