#include "stream/streams.h"

#include "unit/stream/rig.h"

#include <catch2/catch.hpp>
#include <string>

using namespace frond;
using namespace frond::test;

TEST_CASE("a part of a batch is refused, never stored by itself") {
  Rig rig;
  stream::Stream& s = rig.make(R"({"name":"S","subjects":["s.>"],"max_msg_size":100})");
  const auto refused = [&](std::string_view header) {
    return rig.publish(s, "s.a", "x", header).error;
  };
  CHECK(refused("Nats-Batch-Id: b\r\nNats-Batch-Sequence: 1").description ==
        "atomic publish is disabled");
  CHECK(refused("Nats-Batch-Id: b").err_code == 10174);
  CHECK(refused("Nats-Batch-Id: b\r\nNats-Incr: x\r\nNats-Expected-Stream: T").err_code == 10174);
  CHECK(refused("Nats-Batch-Id: " + std::string(100, 'b')).err_code == 10054);
  const auto fast = [&](std::string_view reply, std::string_view payload) {
    return s.ingest({"s.a", reply, {}, payload}, rig.now).error;
  };
  CHECK(fast("_INBOX.r.uuid.10.fail.1.0.$FI", "x").description == "batch publish is disabled");
  CHECK(fast("r.$FI", "x").err_code == 10205);
  CHECK(fast("r.$FI", std::string(101, 'x')).err_code == 10054);
  CHECK(s.state().last.value == 0);
  CHECK_FALSE(refused("Nats-Batch-Sequence: 1"));
  CHECK_FALSE(fast("r.x$FI", "x"));
}
