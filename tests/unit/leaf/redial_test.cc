// When the link dials again: after lost links, failed dials, refusals and hints (design section 6).

#include "leaf/hub_link.h"

#include "base/limits.h"
#include "link_world.h"

#include <algorithm>

namespace frond::leaf {
namespace {

struct Redial : Link {
  std::int64_t now = 0;

  std::int64_t pause() const {
    return std::chrono::ceil<std::chrono::milliseconds>(link->next_deadline() - at_ms(now)).count();
  }
  /// Lets the pause pass; what was dialled is open.
  void wait() {
    const std::int64_t due = pause();
    now += due - 1;
    link->tick(at_ms(now));
    CHECK_FALSE(dialled());
    now += 1;
    link->tick(at_ms(now));
    REQUIRE(dialled());
  }
  void fail(std::string_view cause = "Connection refused") {
    link->closed(ConnectionId{ids}, cause, at_ms(now));
  }
  void accept() {
    link->connected(ConnectionId{ids}, at_ms(now));
    receive(leaf_info, now);
    receive(second_info, now);
    receive("PONG\r\n", now);
    REQUIRE(link->online());
  }
  void refuse(std::string_view error) {
    link->connected(ConnectionId{ids}, at_ms(now));
    receive(leaf_info, now);
    receive("-ERR '" + std::string(error) + "'\r\n", now);
    CHECK(state() == LinkState::refused);
  }
};

TEST_CASE(
    "redial: dials that fail come every two seconds at least, every half minute after minutes") {
  Redial w;
  w.open();
  REQUIRE(w.dialled());
  std::int64_t longest = 0;
  int dials = 0;
  while (w.now < 120'000) {
    w.fail();
    CHECK(w.state() == LinkState::offline);
    CHECK(w.link->status().cause == "Connection refused");
    const std::int64_t pause = w.pause();
    CHECK(pause >= 125);
    CHECK(pause <= 2001);
    // Never longer than a part of what has already passed: who is away for a second only comes
    // back soon after.
    if (w.now >= 1000) {
      CHECK(pause <= w.now / 4 + 251);
    }
    longest = std::max(longest, pause);
    ++dials;
    w.wait();
  }
  CHECK(longest >= 1000);
  CHECK(dials < 160);
  longest = 0;
  for (int i = 0; i < 12; ++i) {
    w.fail();
    longest = std::max(longest, w.pause());
    CHECK(w.pause() <= 30'001);
    w.wait();
  }
  CHECK(longest >= 15'000);
}

TEST_CASE("redial: a link that the hub accepted, however short, makes the next pause the first") {
  Redial w;
  w.open();
  REQUIRE(w.dialled());
  for (int cut = 0; cut < 20; ++cut) {
    for (int i = 0; i < 12; ++i) {
      w.fail();
      w.wait();
    }
    w.accept();
    w.fail("1006");
    CHECK(w.pause() <= 251);
    w.wait();
  }
}

TEST_CASE("redial: a hub that accepts and ends the link for ever is dialled every second or so") {
  Redial w;
  w.open();
  REQUIRE(w.dialled());
  for (int i = 0; i < 200; ++i) {
    w.accept();
    w.fail("1006");
    w.wait();
  }
  const std::int64_t began = w.now;
  for (int i = 0; i < 100; ++i) {
    w.accept();
    w.fail("1006");
    w.wait();
  }
  CHECK(w.now - began > 60'000);
  CHECK(w.now - began < 200'001);
}

TEST_CASE("redial: refusals in a row are dialled at growing pauses, also with links in between") {
  Redial w;
  w.open();
  REQUIRE(w.dialled());
  std::int64_t step = 5000;
  for (int i = 0; i < 6; ++i) {
    w.refuse("Authorization Violation");
    CHECK(w.link->status().code == "credentials");
    CHECK(w.pause() >= step / 2);
    CHECK(w.pause() <= step + 1);
    w.wait();
    if (i % 2 == 1) {
      w.accept();
      w.fail("1006");
      w.wait();
    }
    step = std::min<std::int64_t>(step * 2, 30'000);
  }
  SECTION("a link that has stood for a minute ends the row") {
    w.accept();
    w.now += 60'000;
    w.receive("-ERR 'Authorization Violation'\r\n", w.now);
    CHECK(w.state() == LinkState::refused);
    CHECK(w.pause() <= 5001);
  }
  SECTION("so does a hint") {
    w.refuse("Authorization Violation");
    w.link->network_hint(true, at_ms(w.now));
    CHECK(w.dialled());
    w.refuse("Authorization Violation");
    CHECK(w.pause() <= 5001);
  }
  CHECK(w.said().find("CONNECT") != std::string::npos);
}

TEST_CASE("redial: at once when the network is said to be back") {
  Redial w;
  w.open();
  REQUIRE(w.dialled());
  SECTION("between dials") {
    for (int i = 0; i < 12; ++i) {
      w.fail();
      w.wait();
    }
    w.fail();
    w.link->network_hint(true, at_ms(++w.now));
    CHECK(w.dialled());
    w.fail();
    CHECK(w.pause() <= 251);
  }
  SECTION("a dial made long before is given up for a new one") {
    w.link->network_hint(true, at_ms(w.now = 999));
    CHECK_FALSE(w.dialled());
    w.link->network_hint(true, at_ms(w.now = 1000));
    CHECK(w.ids == 2);
    CHECK(w.state() == LinkState::connecting);
  }
  SECTION("a dial made just before is given no more time than one that succeeds takes") {
    for (int i = 0; i < 5; ++i) {
      w.link->tick(w.link->next_deadline());
      w.now = (w.link->next_deadline() - at_ms(0)) / std::chrono::milliseconds(1) + 1;
      w.link->tick(at_ms(w.now));
    }
    const std::uint64_t dial = w.ids;
    w.link->network_hint(true, at_ms(w.now + 500));
    CHECK(w.ids == dial);
    w.link->tick(at_ms(w.now + 4500));
    w.link->tick(at_ms(w.now + 4751));
    CHECK(w.ids == dial + 1);
  }
  SECTION("a handshake without a word too") {
    w.link->connected(ConnectionId{1}, at_ms(500));
    w.receive(leaf_info, 600);
    w.link->network_hint(true, at_ms(1500));
    CHECK(w.ids == 1);
    w.link->network_hint(true, at_ms(1600));
    CHECK(w.ids == 2);
  }
}

TEST_CASE("redial: rarely while there is said to be no network") {
  Redial w;
  w.open();
  REQUIRE(w.dialled());
  w.link->network_hint(false, at_ms(w.now));
  w.fail();
  CHECK(w.pause() >= 15'000);
  w.link->network_hint(true, at_ms(++w.now));
  CHECK(w.dialled());
  w.fail();
  CHECK(w.pause() <= 251);
}

TEST_CASE("a dial or a handshake without progress is given up, later each time it is too soon") {
  Redial w;
  w.open();
  REQUIRE(w.dialled());
  const bool shaking = GENERATE(false, true);
  std::int64_t patience = 4000;
  for (int i = 0; i < 5; ++i) {
    if (shaking) {
      w.link->connected(ConnectionId{w.ids}, at_ms(w.now));
      w.receive(leaf_info, w.now);
      w.said();
    }
    w.now += patience - 1;
    w.link->tick(at_ms(w.now));
    CHECK(w.state() == LinkState::connecting);
    w.now += 1;
    w.link->tick(at_ms(w.now));
    CHECK(w.state() == LinkState::offline);
    CHECK(sent(w.outbox, ConnectionId{w.ids}).find("CLOSE") != std::string::npos);
    w.wait();
    patience = std::min<std::int64_t>(patience * 2, 20'000);
  }
  // A hub that took two seconds is given six the next time.
  w.now += 2000;
  w.accept();
  w.fail("1006");
  w.wait();
  w.link->tick(at_ms(w.now + 5999));
  CHECK(w.state() == LinkState::connecting);
  w.link->tick(at_ms(w.now + 6000));
  CHECK(w.state() == LinkState::offline);
}

}  // namespace
}  // namespace frond::leaf
