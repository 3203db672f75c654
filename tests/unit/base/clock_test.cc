// The engine's two clocks: what runs on, what may be set, and readings that no clock can give.
#include "base/clock.h"

#include <catch2/catch.hpp>

#include <limits>

namespace {

using namespace frond;
using namespace std::chrono_literals;

constexpr WallTime noon{std::chrono::seconds(1'800'000'000)};

Now reading(Duration monotonic, WallTime wall) { return {Instant(monotonic), wall}; }

}  // namespace

TEST_CASE("the engine's time goes by the monotonic clock, from wherever it begins") {
  const Duration origin = GENERATE(Duration(0), Duration(-3h), Duration(100000h));
  base::Clock clock(reading(origin, noon));
  const Instant begin = clock.now();
  CHECK(clock.wall(begin) == noon);
  CHECK_FALSE(clock.advance(reading(origin + 10s, noon + 10s)));
  CHECK(clock.now() == begin + 10s);
  CHECK(clock.for_host(begin + 60s) == Instant(origin + 60s));
  CHECK(clock.for_host(kNever) == kNever);
}

TEST_CASE("a wall clock that is set moves times of day and no deadline") {
  base::Clock clock(reading(0s, noon));
  const Instant begin = clock.now();
  const WallTime evening = noon + 6h;
  CHECK(clock.instant(evening) == begin + 6h);
  CHECK(clock.advance(reading(1s, noon - 5h)));
  CHECK(clock.now() == begin + 1s);
  CHECK(clock.wall(clock.now()) == noon - 5h);
  CHECK(clock.instant(evening) == begin + 1s + 11h);
  CHECK_FALSE(clock.advance(reading(2s, noon - 5h + 1s)));
  CHECK(clock.advance(reading(2s, noon)));
}

TEST_CASE("a monotonic clock that goes back or stands still lets no time pass, and then goes on") {
  base::Clock clock(reading(5h, noon));
  const Instant begin = clock.now();
  clock.advance(reading(5h, noon));
  clock.advance(reading(1h, noon));
  CHECK(clock.now() == begin);
  clock.advance(reading(1h + 2s, noon));
  CHECK(clock.now() == begin + 2s);
  CHECK(clock.for_host(begin + 3s) == Instant(1h + 3s));
}

TEST_CASE("readings that no clock can give overflow nothing") {
  constexpr Duration least = Duration::min();
  constexpr Duration most = Duration::max();
  base::Clock clock;
  for (const Duration monotonic : {least, most, Duration(0), most, least, Duration(1s)}) {
    for (const Duration wall : {least, most, Duration(0), Duration(-1)}) {
      const Instant before = clock.now();
      clock.advance(reading(monotonic, WallTime(wall)));
      CHECK(clock.now() >= before);
      for (const Duration point : {least, most, Duration(0), Duration(1)}) {
        CHECK(clock.wall(Instant(point)) >= clock.wall(Instant::min()));
        CHECK(clock.instant(WallTime(point)) <= kNever);
        CHECK(clock.now() - clock.instant(WallTime(least)) >= Duration(0));
      }
      CHECK(clock.for_host(clock.now() + 24h) > clock.for_host(clock.now()));
    }
  }
  CHECK(clock.instant(WallTime::max()) == kNever);
}
