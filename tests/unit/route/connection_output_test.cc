#include "route/connection_output.h"

#include <catch2/catch.hpp>
#include <optional>

using namespace frond::route;
using frond::ConnectionId;

TEST_CASE("outputs are on the dirty list once, in order, until taken") {
  DirtyList dirty;
  ConnectionOutput a(ConnectionId(1), dirty), b(ConnectionId(2), dirty);
  CHECK(dirty.empty());
  b.buffer() += "x";
  a.buffer() += "y";
  b.buffer() += "z";
  CHECK(dirty.take() == std::vector<ConnectionOutput*>{&b, &a});
  CHECK(dirty.empty());
  CHECK(b.take() == "xz");
  CHECK(a.take() == "y");
  a.close("Client Closed");
  CHECK(dirty.take() == std::vector<ConnectionOutput*>{&a});
}

TEST_CASE("pending bytes are those in the buffer and those not yet written by the host") {
  DirtyList dirty;
  ConnectionOutput a(ConnectionId(1), dirty);
  a.buffer() += "12345";
  CHECK(a.pending_bytes() == 5);
  a.take();
  CHECK(a.pending_bytes() == 5);
  a.buffer() += "67";
  CHECK(a.pending_bytes() == 7);
  a.sent(3);
  CHECK(a.pending_bytes() == 4);
  a.sent(100);
  CHECK(a.pending_bytes() == 2);
}

TEST_CASE("the first reason to close stays; unsent bytes may be dropped") {
  DirtyList dirty;
  ConnectionOutput a(ConnectionId(1), dirty);
  a.buffer() += "bytes";
  a.close("Stale Connection");
  a.close("Other");
  CHECK(a.closing());
  CHECK(a.close_reason() == "Stale Connection");
  CHECK(a.take() == "bytes");
  ConnectionOutput b(ConnectionId(2), dirty);
  b.buffer() += "bytes";
  b.close("Slow Consumer (Pending Bytes)", true);
  CHECK(b.take().empty());
}

TEST_CASE("an output that is gone is not on the list") {
  DirtyList dirty;
  std::optional<ConnectionOutput> a;
  a.emplace(ConnectionId(1), dirty);
  a->buffer() += "x";
  a.reset();
  CHECK(dirty.take().empty());
}
