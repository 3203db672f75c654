// The rate of the log.
#include "server/host/repeated_lines.h"

#include <catch2/catch.hpp>

using frond::server::RepeatedLines;
using namespace std::chrono_literals;

TEST_CASE("a line goes out at once, then it is counted, and the count is told") {
  RepeatedLines lines;
  RepeatedLines::Time now{};
  CHECK(lines.admit("disk full", now));
  CHECK(lines.admit("another", now));
  for (int i = 0; i < 60'000; ++i) {
    CHECK_FALSE(lines.admit("disk full", now += 100us));
  }
  CHECK(lines.take_counted(now).empty());
  now += 10s;
  CHECK(lines.take_counted(now) == std::vector<std::string>{"disk full (60000 times more)"});
  CHECK_FALSE(lines.admit("disk full", now));
  now += 10s;
  CHECK(lines.take_counted(now) == std::vector<std::string>{"disk full (1 times more)"});
  now += 10s;
  CHECK(lines.take_counted(now).empty());
  CHECK(lines.admit("disk full", now));
}

TEST_CASE(
    "a line without end costs little in a minute, and different lines no memory without end") {
  RepeatedLines lines;
  RepeatedLines::Time now{};
  std::size_t written = 0;
  for (int i = 0; i < 60'000; ++i) {
    now += 1ms;
    written += lines.admit("disk full", now) ? 1u : 0u;
    written += lines.take_counted(now).size();
  }
  CHECK(written <= 7);
  for (int i = 0; i < 10'000; ++i) {
    CHECK(lines.admit("line " + std::to_string(i), now));
  }
}
