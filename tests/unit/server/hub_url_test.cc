#include "server/net/hub_url.h"

#include <catch2/catch.hpp>

using namespace frond::server;

namespace {

HubAddress parsed(std::string_view url) {
  HubAddress address;
  std::string error;
  INFO(url);
  REQUIRE(parse_hub_url(url, address, error));
  return address;
}

}  // namespace

TEST_CASE("a hub's url by scheme, with defaults for port and path") {
  const HubAddress ws = parsed("ws://hub.example");
  CHECK(ws.websocket);
  CHECK(ws.host == "hub.example");
  CHECK(ws.port == "80");
  CHECK(ws.path == "/leafnode");
  const HubAddress full = parsed("ws://u:p@hub:8080/a/leafnode");
  CHECK(full.host == "hub");
  CHECK(full.port == "8080");
  CHECK(full.path == "/a/leafnode");
  const HubAddress tcp = parsed("nats-leaf://[::1]:7000");
  CHECK_FALSE(tcp.websocket);
  CHECK(tcp.host == "::1");
  CHECK(tcp.port == "7000");
  CHECK(parsed("nats-leaf://[::1]").port == "7422");
}

TEST_CASE("urls that cannot be dialled say why") {
  for (const char* url : {"hub:80", "wss://hub", "ftp://hub", "ws://", "ws://hub:"}) {
    HubAddress address;
    std::string error;
    INFO(url);
    CHECK_FALSE(parse_hub_url(url, address, error));
    CHECK_FALSE(error.empty());
  }
}
