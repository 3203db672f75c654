#pragma once
// A node without an engine and clients of it that are made of bytes, for the tests of the session.
#include "session/session.h"

#include <catch2/catch.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace frond::session {

struct Random : Entropy {
  std::uint64_t state = 3;
  std::uint64_t next() override {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> 20;
  }
};

inline const Instant start_time{std::chrono::seconds(1'800'000'000)};
inline const std::string hpub_header = "NATS/1.0\r\nA: b\r\n\r\n";  // 18 bytes.

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

inline nlohmann::json info_of(const std::string& bytes) {
  REQUIRE(bytes.starts_with("INFO {"));
  return nlohmann::json::parse(bytes.substr(5, bytes.find("\r\n") - 5));
}

}  // namespace frond::session
