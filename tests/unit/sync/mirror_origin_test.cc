// What becomes of a mirror whose origin is not what it was.

#include "inbound.h"

namespace frond::sync {
namespace {

TEST_CASE("an origin that was made again is not spliced onto the copy") {
  Copy c;
  c.start();
  c.up(0);
  c.origin() = {};
  c.origin().created = "2026-11-30T00:00:00Z";
  for (int i = 0; i < 5; ++i) {
    c.origin().add("ord.1", "NEW");
  }
  SECTION("while the node ran") { c.mirror->down(at_ms(5)); }
  SECTION("while it did not") {
    c.mirror.reset();
    c.start();
  }
  c.up(10'000);
  CHECK(c.copy() == "1m1 2m2 3m3 ");
  CHECK(c.w.stream.origin->error.err_code == 10225);
  CHECK_FALSE(c.mirror->status().last_error.empty());
}

TEST_CASE("an origin that changed below the mirror's end is not spliced onto the copy") {
  Copy c;
  c.start();
  c.up(0);
  c.mirror->down(at_ms(5));
  HubStream& origin = c.origin();
  const auto stands = [&] {
    CHECK(c.copy() == "1m1 2m2 3m3 ");
    CHECK(c.w.stream.origin->error.err_code == 10225);
    CHECK(c.mirror->status().last_error ==
          "origin stream has another message at sequence 3: mirror stopped, messages kept");
    c.run(600'000);
    CHECK(c.copy() == "1m1 2m2 3m3 ");
  };
  SECTION("it lost its end and went on") {
    origin.kept.erase(3);
    origin.last = 2;
    origin.add("ord.1", "other");
    origin.add("ord.1", "m4");
    SECTION("another payload") {}
    SECTION("another subject") { origin.kept[3] = {"ord.2", "", "m3"}; }
    SECTION("another header") { origin.kept[3] = {"ord.1", "NATS/1.0\r\nK: V\r\n\r\n", "m3"}; }
    SECTION("another time") {
      origin.kept[3] = {"ord.1", "", "m3"};
      c.w.stream.kept[{3}].time = wall(at_ms(6));
    }
    SECTION("and the mirror's state is lost") {
      c.w.files.files.clear();
      c.mirror.reset();
      c.start();
    }
    c.up(10'000);
    stands();
  }
  SECTION("it was made again and does not answer STREAM.INFO") {
    origin = {};
    origin.created = "2026-11-30T00:00:00Z";
    origin.info_mute = true;
    for (const char* payload : {"m1", "m2", "NEW", "NEW"}) {
      origin.add("ord.1", payload);
    }
    std::int64_t now = 10'000;
    for (c.up(now); now < 100'000; now += 500) {
      c.run(now);
    }
    stands();
  }
}

TEST_CASE("what the origin has removed is no difference, but no proof either") {
  Copy c;
  c.start();
  c.up(0);
  c.mirror->down(at_ms(5));
  HubStream& origin = c.origin();
  origin.add("ord.1", "m4");
  std::int64_t now = 10'000;
  const auto wait = [&] {
    for (c.up(now); now < 100'000; now += 500) {
      c.run(now);
    }
  };
  SECTION("the creation time tells") {
    origin.kept.erase(origin.kept.begin(), origin.kept.find(4));
    wait();
    CHECK(c.copy() == "1m1 2m2 3m3 4m4 ");
  }
  SECTION("the overlap tells") {
    origin.info_mute = true;
    origin.kept.erase(1);
    origin.kept.erase(3);
    wait();
    CHECK(c.copy() == "1m1 2m2 3m3 4m4 ");
    CHECK(c.w.stream.origin->error.err_code == 0);
  }
  SECTION("nothing tells") {
    origin.info_mute = true;
    origin.kept.erase(origin.kept.begin(), origin.kept.find(4));
    wait();
    CHECK(c.copy() == "1m1 2m2 3m3 ");
    CHECK(c.w.stream.origin->error.code == 503);
    origin.info_mute = false;
    for (int i = 0; i < 3; ++i) {
      c.run(now += 31'000);
    }
    CHECK(c.copy() == "1m1 2m2 3m3 4m4 ");
  }
  SECTION("removed here, not there") {
    c.w.stream.kept.erase({3});
    wait();
    CHECK(c.copy() == "1m1 2m2 4m4 ");
  }
}

TEST_CASE("an origin behind its mirror, a missing one, and one that may not be asked about") {
  Copy c;
  SECTION("behind") {
    c.w.stream.last = c.w.stream.durable = {9};
    c.start();
    c.up(0);
    CHECK(c.w.stream.origin->error.description ==
          "origin stream is behind its mirror: mirror stopped, messages kept");
    CHECK(c.copy().empty());
  }
  SECTION("missing, then there") {
    const HubStream later = c.origin();
    c.w.streams.clear();
    c.start();
    c.up(0);
    CHECK(c.w.stream.origin->error.err_code == 10059);
    c.origin() = later;
    c.run(1'000);
    CHECK(c.copy() == "1m1 2m2 3m3 ");
    CHECK(c.w.stream.origin->error.err_code == 0);
  }
  SECTION("no answers at all: told, not silent") {
    c.w.mute = true;
    c.start();
    c.up(0);
    c.run(2'000);
    c.run(4'000);
    CHECK(c.w.stream.origin->error.code == 503);
    c.w.mute = false;
    c.run(5'000);
    CHECK(c.copy() == "1m1 2m2 3m3 ");
  }
}

}  // namespace
}  // namespace frond::sync
