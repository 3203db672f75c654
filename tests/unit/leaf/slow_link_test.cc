// A link whose other end does not read: one bound for whatever waits for it.

#include "accepted_hub.h"
#include "link_world.h"

namespace frond::leaf {
namespace {

std::uint64_t handed(Outbox& outbox) {
  std::uint64_t bytes = 0;
  for (const Output& output : outbox.take()) {
    if (const auto* send = std::get_if<SendBytes>(&output)) {
      bytes += send->bytes.size();
    }
  }
  return bytes;
}

TEST_CASE("a hub that does not read is cut at max_pending, and dialled again after a pause") {
  Link w;
  w.config.pending_bytes_max = 4096;
  w.online("LS+ up.>\r\n");
  const std::string payload(100, 'x');
  std::size_t taken = 0;
  while (w.publish("up.1", payload) == 1) {
    ++taken;
    REQUIRE(taken < 100);
  }
  CHECK(taken > 20);
  CHECK(w.link->send_direct("up.1", {"up.1", {}, {}, "late"}) == DirectSend::offline);
  w.link->flush(at_ms(20'000));
  CHECK(sent(w.outbox, ConnectionId{1}) == "CLOSE Slow Consumer (Pending Bytes)");
  CHECK(w.state() == LinkState::offline);
  CHECK(w.link->status().code == "slow");
  CHECK_FALSE(w.router.has_interest("up.1"));
  // As after any lost link: a pause, and the next connection has the whole bound again.
  w.link->tick(at_ms(20'000));
  CHECK_FALSE(w.dialled());
  w.link->tick(at_ms(21'000));
  CHECK(w.dialled());
  w.link->connected(ConnectionId{2}, at_ms(21'000));
  w.receive(leaf_info, 21'000);
  w.receive(second_info, 21'000);
  w.receive("LS+ up.>\r\nPONG\r\n", 21'000);
  CHECK(w.link->online());
  CHECK(w.publish("up.1", payload) == 1);
  CHECK(w.said().ends_with("LMSG up.1 100\r\n" + payload + "\r\n"));
}

TEST_CASE("a hub that asks for a PONG a million times and reads none is cut") {
  Link w;
  w.config.pending_bytes_max = 4096;
  w.online();
  std::string pings;
  for (int i = 0; i < 10'000; ++i) pings += "PING\r\n";
  std::uint64_t bytes = 0;
  for (int i = 0; i < 100; ++i) {
    w.receive(pings);
    w.link->flush(at_ms(0));
    bytes += handed(w.outbox);
  }
  CHECK(bytes <= 4096);
  CHECK_FALSE(w.link->online());
}

TEST_CASE("what the host has written leaves room on a link") {
  Link w;
  w.config.pending_bytes_max = 1024 * 1024;
  w.online("LS+ up.>\r\n");
  const std::string payload(200'000, 'x');
  for (int i = 0; i < 20; ++i) {
    REQUIRE(w.publish("up.1", payload) == 1);
    w.link->flush(at_ms(0));
    w.link->sent(ConnectionId{1}, handed(w.outbox), at_ms(0));
  }
  CHECK(w.link->online());
  CHECK(w.link->has_room());
  w.publish("up.1", payload);
  w.publish("up.1", payload);
  CHECK_FALSE(w.link->has_room());
}

TEST_CASE("a leaf that does not read is closed at max_pending, whatever waits for it") {
  Hub hub;
  hub.config.pending_bytes_max = 8192;
  hub.join(one);
  SECTION("answers") {
    std::string pings;
    for (int i = 0; i < 10'000; ++i) pings += "PING\r\n";
    hub.receive(one, pings);
  }
  SECTION("errors") {
    std::string lines;
    for (int i = 0; i < 10'000; ++i) lines += "LS+ a..b\r\n";
    hub.receive(one, lines);
  }
  SECTION("messages") {
    hub.receive(one, "LS+ up.>\r\n");
    while (hub.publish("up.1", std::string(1000, 'x')) == 1) {
    }
  }
  SECTION("interest") {
    for (int i = 0; i < 10'000; ++i) hub.router.subscribe(hub.client, "s." + std::to_string(i));
  }
  CHECK(hub.said(one) == "CLOSE Slow Consumer (Pending Bytes)");
  CHECK(hub.leafs->count() == 0);
  CHECK_FALSE(hub.leafs->owns(one));
  CHECK(hub.leafs->slow_consumers() == 1);
  CHECK_FALSE(hub.router.has_interest("up.1"));
}

TEST_CASE("a leaf's line is bounded before it has said who it is") {
  Hub hub;
  hub.accept(one);
  hub.said(one);
  hub.receive(one, "CONNECT ");
  const std::string blanks(4096, ' ');
  for (int i = 0; i < 17; ++i) hub.receive(one, blanks);
  CHECK(hub.said(one) ==
        "-ERR 'maximum control line exceeded'\r\nCLOSE Maximum Control Line Exceeded");
}

}  // namespace
}  // namespace frond::leaf
