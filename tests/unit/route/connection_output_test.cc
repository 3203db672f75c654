#include "route/connection_output.h"

#include <catch2/catch.hpp>
#include <optional>

using namespace frond::route;
using frond::ConnectionId;

namespace {
auto append(std::string text) {
  return [text = std::move(text)](std::string& out) { out += text; };
}
}  // namespace

TEST_CASE("outputs are on the dirty list once, in order, until taken") {
  DirtyList dirty;
  ConnectionOutput a(ConnectionId(1), dirty, 1000), b(ConnectionId(2), dirty, 1000);
  CHECK(dirty.empty());
  b.write(append("x"));
  a.write(append("y"));
  b.write(append("z"));
  CHECK(dirty.take() == std::vector<ConnectionOutput*>{&b, &a});
  CHECK(dirty.empty());
  CHECK(b.take() == "xz");
  CHECK(a.take() == "y");
  a.close("Client Closed");
  CHECK(dirty.take() == std::vector<ConnectionOutput*>{&a});
}

TEST_CASE("pending bytes are those in the buffer and those not yet written by the host") {
  DirtyList dirty;
  ConnectionOutput a(ConnectionId(1), dirty, 1000);
  a.write(append("12345"));
  CHECK(a.pending_bytes() == 5);
  a.take();
  CHECK(a.pending_bytes() == 5);
  a.write(append("67"));
  CHECK(a.pending_bytes() == 7);
  a.sent(3);
  CHECK(a.pending_bytes() == 4);
  a.sent(100);
  CHECK(a.pending_bytes() == 2);
}

TEST_CASE("the first reason to close stays; unsent bytes may be dropped") {
  DirtyList dirty;
  ConnectionOutput a(ConnectionId(1), dirty, 1000);
  a.write(append("bytes"));
  a.close("Stale Connection");
  a.close("Other");
  CHECK(a.closing());
  CHECK(a.close_reason() == "Stale Connection");
  CHECK(a.take() == "bytes");
  ConnectionOutput b(ConnectionId(2), dirty, 1000);
  b.write(append("bytes"));
  b.close("Slow Consumer (Pending Bytes)", true);
  CHECK(b.take().empty());
}

TEST_CASE("an output that is gone is not on the list") {
  DirtyList dirty;
  std::optional<ConnectionOutput> a;
  a.emplace(ConnectionId(1), dirty, 1000);
  a->write(append("x"));
  a.reset();
  CHECK(dirty.take().empty());
}

TEST_CASE("who lets more wait than it may is ended, and nothing of it is sent") {
  DirtyList dirty;
  ConnectionOutput a(ConnectionId(1), dirty, 8);
  a.write(append("12345"));
  a.take();
  a.write(append("678"));
  CHECK_FALSE(a.closing());
  a.write(append("9"));
  CHECK(a.too_slow());
  CHECK(a.close_reason() == "Slow Consumer (Pending Bytes)");
  CHECK(a.take().empty());
  a.write(append("more"));
  CHECK(a.take().empty());
}

TEST_CASE("there is room while a quarter of the bound waits, and word when it comes back") {
  DirtyList dirty;
  ConnectionOutput a(ConnectionId(1), dirty, 1024 * 1024);
  CHECK(a.has_room());
  a.write(append(std::string(256 * 1024, 'x')));
  CHECK_FALSE(a.has_room());
  a.take();
  CHECK_FALSE(a.sent(0));
  CHECK(a.sent(2));
  CHECK(a.has_room());
  CHECK_FALSE(a.sent(2));
  a.close("Client Closed");
  CHECK_FALSE(a.has_room());
}

TEST_CASE("a link that is dialled again begins with nothing") {
  DirtyList dirty;
  frond::Outbox outbox;
  ConnectionOutput a(ConnectionId(1), dirty, 8);
  a.write(append("123456789"));
  std::vector<ConnectionId> ended;
  dirty.flush(outbox, [&](ConnectionId id) { ended.push_back(id); });
  CHECK(ended == std::vector<ConnectionId>{ConnectionId(1)});
  REQUIRE(outbox.take().size() == 1);
  a.restart(ConnectionId(2));
  CHECK(a.has_room());
  a.write(append("x"));
  dirty.flush(outbox, [&](ConnectionId id) { ended.push_back(id); });
  const auto outputs = outbox.take();
  REQUIRE(outputs.size() == 1);
  CHECK(std::get<frond::SendBytes>(outputs[0]).connection == ConnectionId(2));
  CHECK(ended.size() == 1);
}

TEST_CASE("what a lost link never wrote does not count against the next one") {
  DirtyList dirty;
  ConnectionOutput a(ConnectionId(1), dirty, 8);
  a.write(append("1234567"));
  a.take();
  a.restart(ConnectionId(2));
  CHECK(a.pending_bytes() == 0);
  a.write(append("12345678"));
  CHECK_FALSE(a.closing());
  CHECK(a.take() == "12345678");
}
