// What a pull may not do to the node, whatever its reader does and says.
#include "bench.h"

#include <catch2/catch.hpp>

using namespace frond;
using namespace frond::bench;

TEST_CASE("a reader that has much to read is passed over, and goes on where it was") {
  Bench b;
  for (int i = 0; i < 6; ++i) b.stream.put("a.x", std::to_string(i));
  b.make(Bench::pull());
  b.outlet.room = 2;
  b.ask(R"({"batch":10,"no_wait":true,"expires":5000000000})");
  const auto first = b.outlet.take();
  REQUIRE(first.size() == 2);
  CHECK(b.consumer->waits_for_room());
  CHECK(b.consumer->due() > b.now);
  CHECK(b.consumer->info(b.now).waiting == 1);
  // Another one gets on meanwhile.
  b.outlet.sent = first;
  b.ask("1", "other");
  const auto other = b.outlet.take("other");
  REQUIRE(other.size() == 1);
  CHECK(other[0].payload == "2");
  b.outlet.room = 100;
  b.consumer->wake();
  b.pump();
  const auto rest = b.outlet.take();
  REQUIRE(rest.size() == 4);
  CHECK(rest[0].payload == "3");
  CHECK(rest[2].payload == "5");
  CHECK(rest[3].header == "NATS/1.0 404 No Messages\r\n\r\n");
}

TEST_CASE("numbers at the ends of what a request can say") {
  Bench b;
  for (int i = 0; i < 4; ++i) b.stream.put("a.x", std::to_string(i));
  b.make(Bench::pull());
  b.ask("-9223372036854775808");
  CHECK(b.outlet.take().size() == 1);
  b.ask(R"({"batch":-9223372036854775808})");
  CHECK(b.outlet.take().size() == 1);
  const std::string most = "9223372036854775807";
  b.outlet.room = 0;
  b.ask("{\"batch\":" + most + ",\"expires\":" + most + ",\"max_bytes\":" + most + "}");
  b.ask("{\"batch\":" + most + ",\"no_wait\":true,\"idle_heartbeat\":4611686018427387903," +
        "\"expires\":" + most + "}");
  b.outlet.take();
  CHECK(b.consumer->due() > b.now);
  b.outlet.room = 100;
  b.consumer->wake();
  b.pump();
  CHECK(b.outlet.take().size() == 2);
}

TEST_CASE("waits that end after the end of time never end") {
  Bench b;
  auto config = Bench::pull();
  config.ack_wait = Duration::max();
  b.stream.put("a.x", "one");
  b.stream.put("a.x", "two");
  b.make(config);
  b.ask("2");
  const auto sent = b.outlet.take();
  REQUIRE(sent.size() == 2);
  b.ack(sent[0].reply, R"(-NAK {"delay":9223372036854775807})");
  b.later(std::chrono::hours(24 * 365));
  b.ask("1");
  CHECK(b.outlet.take("r").empty());
  CHECK(b.consumer->info(b.now).ack_pending == 2);
}
