// A stream while somebody sets the wall clock: times never go back, nothing expires early, and
// expiry and the duplicate window go on.
#include "base/limits.h"
#include "rig.h"

namespace {

using namespace frond;
using namespace frond::test;
using namespace std::chrono_literals;

/// A rig whose wall clock can be set.
struct Clocks : Rig {
  Clocks() { pass(0s); }
  void pass(Duration span) {
    up += span;
    clock.advance({Instant(up), WallTime(1'700'000'000s + up + ahead)});
    now = clock.now();
    streams->tick(now);
  }
  void set(Duration the_ahead) {
    ahead = the_ahead;
    pass(0s);
  }
  stream::Stream& find() { return *streams->find("S"); }
  WallTime time_of(std::uint64_t sequence) { return find().get({sequence})->time; }

  Duration up{0};
  Duration ahead{0};
};

constexpr std::string_view ten_seconds =
    R"({"name":"S","subjects":["s"],"max_age":10000000000,"duplicate_window":10000000000})";
constexpr std::string_view id = "Nats-Msg-Id: 1";

}  // namespace

TEST_CASE("times in a stream never go back, and follow the wall clock when it has caught up") {
  Clocks rig;
  stream::Stream& s = rig.make(R"({"name":"S","subjects":["s"]})");
  rig.publish(s, "s", "1");
  const WallTime first = rig.time_of(1);
  rig.set(-5h);
  rig.publish(s, "s", "2");
  CHECK(rig.time_of(2) == first);
  rig.commit();
  rig.open();
  rig.publish(rig.find(), "s", "3");
  CHECK(rig.time_of(3) == first);
  rig.pass(5h + 1s);
  rig.publish(rig.find(), "s", "4");
  CHECK(rig.time_of(4) == first + 1s);
  CHECK(rig.find().first_at(first).value == 1);
}

TEST_CASE("nothing expires early because the wall clock was set, nor late") {
  const Duration step = GENERATE(Duration(-5h), Duration(5h), Duration(24h * 400));
  Clocks rig;
  stream::Stream& s = rig.make(ten_seconds);
  rig.publish(s, "s", "1");
  rig.set(step);
  rig.pass(9s);
  rig.publish(s, "s", "2");
  CHECK(s.state().messages == 2);
  rig.set(0s);
  CHECK(rig.streams->next_deadline() == rig.now + 1s);
  rig.pass(1s);
  CHECK(s.state().messages == 1);
  rig.set(step);
  rig.pass(8s);
  CHECK(s.state().messages == 1);
  rig.pass(1s);
  CHECK(s.state().messages == 0);
}

TEST_CASE("a stream that is read again after a lost commit knows when its messages came") {
  const Duration step = GENERATE(Duration(-5h), Duration(5h));
  Clocks rig;
  stream::Stream& s = rig.make(ten_seconds);
  rig.publish(s, "s", "1", id);
  rig.commit();
  rig.set(step);
  rig.pass(5s);
  rig.publish(s, "s", "2");
  REQUIRE(rig.lose_commit());
  CHECK(s.state().messages == 1);
  CHECK(rig.publish(s, "s", "1", id).duplicate);
  rig.publish(s, "s", "2 again");
  rig.pass(5s);
  CHECK(s.state().messages == 1);
  CHECK_FALSE(rig.publish(s, "s", "1", id).duplicate);
  rig.pass(5s);
  CHECK(s.state().messages == 1);
}

TEST_CASE("a message that is back because its expiry was lost expires again") {
  Clocks rig;
  stream::Stream& s = rig.make(ten_seconds);
  rig.publish(s, "s", "1");
  rig.set(5h);
  rig.pass(5s);
  rig.publish(s, "s", "2");
  rig.commit();
  rig.pass(5s);
  REQUIRE(s.state().messages == 1);
  rig.set(0s);  // The run of the first message is forgotten.
  rig.publish(s, "s", "3");
  REQUIRE(rig.lose_commit());
  CHECK(s.state().messages == 2);
  rig.pass(5s);
  CHECK(s.state().messages == 0);
}

TEST_CASE("after a restart times that lie in the future count from the restart") {
  Clocks rig;
  stream::Stream& s = rig.make(ten_seconds);
  rig.publish(s, "s", "1", id);
  rig.commit();
  rig.set(-5h);
  rig.pass(3s);
  rig.open();
  CHECK(rig.publish(rig.find(), "s", "1", id).duplicate);
  rig.pass(9s);
  CHECK(rig.find().state().messages == 1);
  rig.pass(1s);
  CHECK(rig.find().state().messages == 0);
  CHECK_FALSE(rig.publish(rig.find(), "s", "1", id).duplicate);
}

TEST_CASE("an id is forgotten after its window, whatever the wall clock shows") {
  Clocks rig;
  stream::Stream& s = rig.make(ten_seconds);
  rig.publish(s, "s", "1", id);
  rig.set(24h);
  CHECK(rig.publish(s, "s", "1", id).duplicate);
  rig.set(-24h);
  rig.pass(9s);
  CHECK(rig.publish(s, "s", "1", id).duplicate);
  rig.pass(1s);
  CHECK_FALSE(rig.publish(s, "s", "1", id).duplicate);
}

TEST_CASE("a wall clock that is set all the time makes messages a little older at most") {
  Clocks rig;
  stream::Stream& s = rig.make(R"({"name":"S","subjects":["s"],"max_age":1000000000000})");
  constexpr std::uint64_t steps = 10 * base::arrival_runs_max;
  for (std::uint64_t i = 0; i < steps; ++i) {
    rig.set(i % 3 == 0 ? Duration(-1h) : i % 3 == 1 ? Duration(2h) : Duration(0));
    rig.publish(s, "s", "x");
    rig.pass(1s);
    REQUIRE(s.state().messages == i + 1);
  }
  rig.set(-7h);
  rig.pass(1000s - Duration(steps * 1s) - 1ns);
  CHECK(s.state().messages == steps);
  // By how much at most: 64 runs of about the same length cover all.
  constexpr std::uint64_t late = 4 * steps / base::arrival_runs_max;
  for (std::uint64_t i = 0; i < steps; ++i) {
    rig.pass(1s);
    REQUIRE(s.state().messages >= steps - i - 1);
    REQUIRE(s.state().messages <= steps - i + late);
  }
  rig.pass(1s);
  CHECK(s.state().messages == 0);
}

TEST_CASE("a mirror's messages are as old as their origin says, and never younger than now") {
  Clocks rig;
  stream::Stream& s = rig.make(R"({"name":"S","mirror":{"name":"O"},"max_age":10000000000})");
  const base::Message message{"s", {}, {}, "x"};
  const WallTime now = rig.clock.wall(rig.now);
  s.store_at({1}, now - 4s, message, rig.now);
  s.store_at({2}, now + 24h, message, rig.now);
  s.store_at({3}, WallTime::min(), message, rig.now);
  rig.pass(6s);
  CHECK(s.state().messages == 2);
  rig.pass(4s);
  CHECK(s.state().messages == 0);
}
