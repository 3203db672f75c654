#pragma once
// The side that accepts leafs, with a leaf's words of leafnode-protocol 3 to say to it.

#include "leaf/accepted_leafs.h"
#include "leaf_world.h"

#include <optional>
#include <string>
#include <string_view>

namespace frond::leaf {

inline constexpr ConnectionId one{1};
inline constexpr ConnectionId two{2};
inline constexpr std::string_view hub_guard = "$LDS.0000000000000000000000";
inline constexpr std::string_view connect =
    "CONNECT {\"name\":\"leaf1\",\"cluster\":\"leaf1\",\"version\":\"2.10.27\",\"headers\":true,"
    "\"protocol\":1,\"domain\":\"edge1\",\"remote_account\":\"$G\",\"user\":\"lu\",\"pass\":\"lp\"}"
    "\r\nPING\r\n";

struct Hub : LeafWorld {
  Config config;
  Instant now{};
  std::optional<AcceptedLeafs> leafs;

  Hub() {
    config.name = "hub1";
    config.domain = "hub";
  }
  void accept(ConnectionId id, std::int64_t ms = 0) {
    if (!leafs) {
      leafs.emplace(AcceptContext{.config = config,
                                  .server_id = "NAB",
                                  .router = router,
                                  .interest = interest,
                                  .entropy = entropy,
                                  .outbox = outbox,
                                  .loop_guard = std::string(hub_guard),
                                  .verifier = nullptr,
                                  .checks_secrets = true,
                                  .now = &now});
    }
    leafs->connected(
        id,
        {.kind = ConnectionKind::leaf, .websocket = true, .trusted = false, .address = "10.0.0.1"},
        at_ms(ms));
  }
  std::string said(ConnectionId id) {
    leafs->flush();
    return sent(outbox, id);
  }
  void receive(ConnectionId id, std::string_view bytes, std::int64_t ms = 0) {
    leafs->received(id, bytes, at_ms(ms));
  }
  void join(ConnectionId id) {
    accept(id);
    receive(id, connect);
    REQUIRE(leafs->owns(id));
    said(id);
  }
};

}  // namespace frond::leaf
