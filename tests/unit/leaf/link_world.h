#pragma once
// A hub link with the hub's words of leafnode-protocol 3 to say to it.

#include "leaf/hub_link.h"
#include "leaf_world.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace frond::leaf {

inline constexpr std::string_view leaf_info =
    "INFO {\"server_id\":\"NA\",\"server_name\":\"hub1\",\"version\":\"2.10.27\",\"client_id\":5,"
    "\"nonce\":\"MZD09BeyzlIuq08\",\"domain\":\"hub\",\"jetstream\":true,\"headers\":true,"
    "\"max_payload\":1048576,\"leafnode_urls\":[\"127.0.0.1:7422\"],\"info_on_connect\":true}\r\n";
inline constexpr std::string_view second_info =
    "INFO {\"server_id\":\"NA\",\"server_name\":\"hub1\",\"client_id\":5,\"connect_info\":true,"
    "\"info_on_connect\":true,\"headers\":true,\"max_payload\":1048576,"
    "\"remote_account\":\"A\"}\r\n";
inline constexpr std::string_view connect_line =
    "CONNECT {\"name\":\"frond1\",\"cluster\":\"frond1\",\"version\":\"2.10.27\",\"headers\":true,"
    "\"protocol\":1,\"domain\":\"edge1\",\"jetstream\":true,\"remote_account\":\"$G\","
    "\"user\":\"lu\",\"pass\":\"lp\"}\r\nPING\r\n";
inline constexpr std::string_view guard = "$LDS.CbTfYzExVaIWwTZVkaAbwi";
inline constexpr std::string_view guard_line = "LS+ $LDS.CbTfYzExVaIWwTZVkaAbwi\r\n";

class FixedSigner final : public Signer {
 public:
  std::string public_key() const override { return "UABC"; }
  std::string sign(std::string_view nonce) const override { return "signed-" + std::string(nonce); }
};

struct Recorder final : LinkListener {
  void on_link(const LinkStatus& status, Instant) override {
    states.push_back(std::string(link_state_name(status.state)));
    codes.push_back(status.code);
  }
  std::vector<std::string> states, codes;
};

struct Link : LeafWorld {
  Config config;
  FixedSigner signer;
  bool sign = false;
  Recorder recorder;
  std::uint64_t ids = 0;
  base::Clock clock;  // Never advanced: the time of day is the same number.
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
        [this] { return ConnectionId{++ids}; }, guard, clock, at_ms(ms));
    link->set_listener(&recorder);
  }
  std::string said() {
    link->flush(at_ms(0));
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

}  // namespace frond::leaf
