#include "wire/trace_header.h"

#include <catch2/catch.hpp>
#include <string>

using frond::wire::is_trace_only;

namespace {
std::string block(const std::string& lines) { return "NATS/1.0\r\n" + lines + "\r\n"; }
}  // namespace

TEST_CASE("a message is for tracing alone when it says so and names a destination") {
  CHECK(is_trace_only(block("Nats-Trace-Dest: t\r\nNats-Trace-Only: true\r\n")));
  CHECK(is_trace_only(block("Nats-Trace-Only: 1\r\nNats-Trace-Dest: t\r\n")));
  CHECK(is_trace_only(block("Nats-Trace-Only: ON\r\nNats-Trace-Dest: t\r\n")));
  CHECK_FALSE(is_trace_only(block("Nats-Trace-Dest: t\r\n")));
  CHECK_FALSE(is_trace_only(block("Nats-Trace-Only: true\r\n")));
  CHECK_FALSE(is_trace_only(block("Nats-Trace-Only: true\r\nNats-Trace-Dest: \r\n")));
  CHECK_FALSE(is_trace_only(block("Nats-Trace-Only: true\r\nNats-Trace-Dest: trace disabled\r\n")));
  CHECK_FALSE(is_trace_only(block("Nats-Trace-Only: no\r\nNats-Trace-Dest: t\r\n")));
  CHECK_FALSE(is_trace_only(block("nats-trace-only: true\r\nNats-Trace-Dest: t\r\n")));
  CHECK_FALSE(is_trace_only(""));
}
