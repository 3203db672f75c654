// How a link that died without a word is found, and a slow one is not taken for dead.

#include "leaf/hub_link.h"

#include "base/limits.h"
#include "link_world.h"

#include <algorithm>

namespace frond::leaf {
namespace {

struct HalfOpen : Link {
  std::int64_t now = 0;

  /// Goes on to `ms`, ticking when due as a host does; answers what was said meanwhile.
  std::string go_on(std::int64_t ms) {
    std::string text = flush();
    while (link->online() && link->next_deadline() <= at_ms(ms)) {
      now = std::max(now, std::chrono::ceil<std::chrono::milliseconds>(
                              link->next_deadline().time_since_epoch())
                              .count());
      link->tick(at_ms(now));
      text += flush();
    }
    now = ms;
    return text;
  }
  std::string flush() {
    link->flush(at_ms(now));
    std::string text = sent(outbox, ConnectionId{1});
    written += text.size();
    return text;
  }
  /// Something that waits for an answer.
  void ask() {
    publish("up.1", "x", "_INBOX.1");
    link->flush(at_ms(now));
  }
  void hear(std::string_view bytes = "LS+ a\r\n") { receive(bytes, now); }
  std::uint64_t written = 0;
};

TEST_CASE("half-open: found within three seconds of the first thing that waits for an answer") {
  HalfOpen w;
  w.online("LS+ up.>\r\n");
  const std::int64_t asked = GENERATE(5000, 29'500, 31'000);
  if (asked > 30'000) {
    w.go_on(30'050);
    w.hear("PONG\r\n");
  }
  w.go_on(asked);
  w.ask();
  // What is asked behind it makes nothing later.
  w.go_on(asked + 500);
  w.ask();
  w.go_on(asked + 2600);
  CHECK(w.link->online());
  w.go_on(asked + 3000);
  CHECK(w.state() == LinkState::offline);
  CHECK(w.link->status().code == "stale");
}

TEST_CASE("half-open: no PING for who is answered, one for who is not and hears other things") {
  HalfOpen w;
  w.online("LS+ up.>\r\n");
  for (int i = 1; i <= 10; ++i) {
    w.ask();
    CHECK(w.go_on(i * 1000 - 100).find("PING") == std::string::npos);
    w.hear();
    w.go_on(i * 1000);
  }
  w.ask();
  CHECK(w.go_on(11'100) == "LMSG up.1 _INBOX.1 1\r\nx\r\nPING\r\n");
  w.hear();
  w.go_on(12'500);
  w.hear("PONG\r\n");
  CHECK(w.go_on(29'000).empty());
  CHECK(w.link->online());
}

TEST_CASE("half-open: what nobody waits for is found by a PING every half minute") {
  HalfOpen w;
  w.online("LS+ up.>\r\n");
  w.publish("up.1", "no reply");
  w.go_on(1);
  CHECK(w.go_on(29'999).empty());
  CHECK(w.go_on(30'000) == "PING\r\n");
  SECTION("answered") {
    w.now = 30'100;
    w.hear("PONG\r\n");
    w.go_on(45'000);
    CHECK(w.link->online());
  }
  SECTION("bytes are a sign of life") {
    w.go_on(39'000);
    w.hear();
    w.go_on(40'500);
    CHECK(w.link->online());
  }
  SECTION("silence") {
    CHECK(w.go_on(40'000) == "CLOSE Stale Connection");
    CHECK(w.state() == LinkState::offline);
    CHECK(w.link->status().code == "stale");
  }
}

TEST_CASE("half-open: a hint that the network is back probes at once") {
  HalfOpen w;
  w.online();
  w.go_on(1000);
  w.link->network_hint(true, at_ms(1000));
  CHECK(w.flush() == "PING\r\n");
  w.go_on(3000);
  CHECK(w.state() == LinkState::offline);
}

TEST_CASE("half-open: a link whose answers take two seconds is given the time") {
  HalfOpen w;
  w.open();
  w.link->connected(ConnectionId{1}, at_ms(w.now = 4000));
  w.receive(leaf_info, 4000);
  w.now = 6000;
  w.hear(second_info);
  w.hear("LS+ up.>\r\nPONG\r\n");
  w.flush();
  for (int i = 0; i < 20; ++i) {
    w.ask();
    w.go_on(w.now + 2000);
    REQUIRE(w.link->online());
    w.hear();
  }
  w.ask();
  w.go_on(w.now + 15'000);
  CHECK_FALSE(w.link->online());
}

TEST_CASE("half-open: what the kernel still takes of a dead link is no sign of life") {
  HalfOpen w;
  w.online("LS+ up.>\r\n");
  w.ask();
  w.flush();
  // It takes a part of what is written again and again, and there is always more behind it.
  for (int tenth = 1; tenth <= 100 && w.link->online(); ++tenth) {
    w.ask();
    w.go_on(tenth * 100);
    w.link->sent(ConnectionId{1}, 10, at_ms(w.now));
  }
  CHECK(w.state() == LinkState::offline);
  CHECK(w.link->status().code == "stale");
}

TEST_CASE("half-open: a long message on a slow way up is not silence") {
  HalfOpen w;
  w.online("LS+ up.>\r\n");
  w.publish("up.1", std::string(1'000'000, 'x'), "_INBOX.1");
  w.flush();
  std::uint64_t taken = 0;
  SECTION("while the host reports progress") {
    for (int second = 1; second <= 40; ++second) {
      w.go_on(second * 1000);
      REQUIRE(w.link->online());
      w.link->sent(ConnectionId{1}, 20'000, at_ms(w.now));
      taken += 20'000;
    }
    // What the host holds in its buffers is on its way for some seconds more.
    w.link->sent(ConnectionId{1}, w.written - taken, at_ms(w.now));
    w.go_on(w.now + 10'000);
    CHECK(w.link->online());
    w.go_on(w.now + 20'000);
    CHECK_FALSE(w.link->online());
  }
  SECTION("no progress is") {
    w.go_on(22'000);
    CHECK_FALSE(w.link->online());
  }
}

TEST_CASE("half-open: on a way that has proved fast much is no reason to wait") {
  HalfOpen w;
  w.online("LS+ up.>\r\n");
  for (int i = 0; i < 40; ++i) {
    w.publish("up.1", std::string(100'000, 'x'), "_INBOX.1");
    const bool pinged = w.flush().ends_with("PING\r\n");
    w.go_on(w.now + 100);
    w.hear(pinged ? "PONG\r\n" : "LS+ a\r\n");
  }
  const std::int64_t last = w.now;
  for (int i = 0; i < 10; ++i) w.publish("up.1", std::string(100'000, 'x'), "_INBOX.1");
  w.go_on(last + 4200);
  CHECK_FALSE(w.link->online());
}

TEST_CASE("half-open: who looks late has not read yet what came meanwhile") {
  HalfOpen w;
  w.online("LS+ up.>\r\n");
  w.ask();
  CHECK(w.go_on(1000).ends_with("PING\r\n"));
  w.link->tick(at_ms(60'000));
  CHECK(w.link->online());
  SECTION("and reads it now") {
    w.now = 60'100;
    w.hear("PONG\r\n");
    w.go_on(62'000);
    CHECK(w.link->online());
  }
  SECTION("nothing has come") {
    w.go_on(61'000);
    CHECK_FALSE(w.link->online());
  }
  SECTION("and late again, is not believed twice") {
    w.link->tick(at_ms(120'000));
    CHECK_FALSE(w.link->online());
  }
}

TEST_CASE("half-open: after a sleep the hub has two seconds to say that it is there") {
  HalfOpen w;
  w.online("LS+ up.>\r\n");
  w.link->tick(at_ms(w.now = 3'600'000));
  CHECK(w.flush() == "PING\r\n");
  w.go_on(3'602'000);
  CHECK_FALSE(w.link->online());
}

TEST_CASE("half-open: a hub that is held by us owes nothing") {
  HalfOpen w;
  w.online("LS+ up.>\r\n");
  w.link->hold(true, at_ms(0));
  w.ask();
  CHECK(w.go_on(60'000).find("PING") == std::string::npos);
  CHECK(w.link->online());
  w.link->hold(false, at_ms(60'000));
  w.go_on(61'100);
  w.ask();
  w.go_on(64'200);
  CHECK_FALSE(w.link->online());
}

}  // namespace
}  // namespace frond::leaf
