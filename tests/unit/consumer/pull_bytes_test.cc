// The bytes that a pull asks for at most, to the byte.
#include "bench.h"

#include <catch2/catch.hpp>

using namespace frond;
using namespace frond::bench;

namespace {
std::string pending(const std::string& line, std::int64_t messages, std::int64_t bytes) {
  return "NATS/1.0 " + line + "\r\nNats-Pending-Messages: " + std::to_string(messages) +
         "\r\nNats-Pending-Bytes: " + std::to_string(bytes) + "\r\n\r\n";
}
}  // namespace

TEST_CASE("max_bytes: a message that fills it to the byte goes out, one byte more does not") {
  const auto with = [](std::int64_t max_bytes) {
    Bench b;
    b.make(Bench::pull());
    b.stream.put("a.x", std::string(100, 'x'));
    b.stream.put("a.x", std::string(100, 'y'));
    b.ask(R"({"batch":3,"expires":5000000000,"max_bytes":)" + std::to_string(max_bytes) + "}");
    return b.outlet.take();
  };
  const std::vector<Sent> both = with(100'000);
  REQUIRE(both.size() == 2);
  const auto size_of = [](const Sent& sent) {
    return static_cast<std::int64_t>(sent.subject.size() + sent.reply.size() + sent.header.size() +
                                     sent.payload.size());
  };
  const std::int64_t first = size_of(both[0]);
  const std::vector<Sent> filled = with(first);
  REQUIRE(filled.size() == 1);  // The request is over, and nothing of it is left to tell.
  CHECK(filled[0].payload == both[0].payload);
  const std::vector<Sent> short_by_one = with(first - 1);
  REQUIRE(short_by_one.size() == 1);
  CHECK(short_by_one[0].header == pending("409 Message Size Exceeds MaxBytes", 3, first - 1));
  const std::vector<Sent> two = with(first + size_of(both[1]));
  REQUIRE(two.size() == 2);
  CHECK(two[1].payload == both[1].payload);
  const std::vector<Sent> one_and_a_rest = with(first + size_of(both[1]) - 1);
  REQUIRE(one_and_a_rest.size() == 2);
  CHECK(one_and_a_rest[1].header ==
        pending("409 Message Size Exceeds MaxBytes", 2, size_of(both[1]) - 1));
}

TEST_CASE("max_bytes: what a full batch leaves of the bytes is told") {
  Bench b;
  b.make(Bench::pull());
  b.stream.put("a.x", std::string(100, 'x'));
  b.ask(R"({"batch":1,"expires":5000000000,"max_bytes":1000})");
  const std::vector<Sent> out = b.outlet.take();
  REQUIRE(out.size() == 2);
  const auto size = static_cast<std::int64_t>(out[0].subject.size() + out[0].reply.size() +
                                              out[0].payload.size());
  CHECK(out[1].header == pending("409 Batch Completed", 0, 1000 - size));
}
