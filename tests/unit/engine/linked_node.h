#pragma once
// A node that has joined a hub which wants everything: what crosses the link is heard on `link`.
// Lives for one test.

#include "test_host.h"

namespace frond::test {

class LinkedNode : public TestNode {
 public:
  LinkedNode() : TestNode(with_hub()) { join(); }

  /// After a restart: the new engine has dialled again.
  void join() {
    link = dials.back().connection;
    ConnectionInfo info;
    info.kind = ConnectionKind::hub;
    info.websocket = true;
    engine->connected(link, info, both());
    say(link,
        "INFO {\"server_id\":\"NA\",\"server_name\":\"hub1\",\"version\":\"2.10.27\","
        "\"client_id\":5,\"domain\":\"hub\",\"jetstream\":true,\"headers\":true,"
        "\"max_payload\":1048576,\"info_on_connect\":true}\r\n");
    say(link,
        "INFO {\"server_id\":\"NA\",\"server_name\":\"hub1\",\"client_id\":5,"
        "\"connect_info\":true,\"info_on_connect\":true,\"headers\":true,"
        "\"max_payload\":1048576,\"remote_account\":\"A\"}\r\n"
        "LS+ $JS.hub.API.>\r\nLS+ $JS.ACK.>\r\nLS+ $JS.FC.>\r\nLS+ $FROND.>\r\n"
        "LS+ $JS.API.>\r\nLS+ >\r\nPONG\r\n");
  }
  ConnectionId link{};

 private:
  static Config with_hub() {
    Config config = named("phone", "phone");
    HubConfig& hub = config.hub.emplace();
    hub.url = "ws://hub/leafnode";
    hub.domain = "hub";
    return config;
  }
};

}  // namespace frond::test
