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

/// It has two of the copy's three messages left, and what comes next has another time.
void lose_end(HubStream& origin) {
  origin.kept.erase(3);
  origin.last = 2;
  origin.time = 9;
}

const std::string went_back = "$FROND.ADVISORY.SYNC.WENT_BACK.ORD";

TEST_CASE("a mirror goes back with an origin that lost its end and went on") {
  Copy c;
  c.start();
  c.up(0);
  c.mirror->down(at_ms(5));
  HubStream& origin = c.origin();
  lose_end(origin);
  std::string expected = "1m1 2m2 3other 4m4 ";
  const auto regrow = [&] {
    origin.add("ord.1", "other");
    origin.add("ord.1", "m4");
  };
  SECTION("another payload") { regrow(); }
  SECTION("another subject") {
    regrow();
    origin.kept[3] = {"ord.2", "", "m3"};
    expected = "1m1 2m2 3m3 4m4 ";
  }
  SECTION("another header") {
    regrow();
    origin.kept[3] = {"ord.1", "NATS/1.0\r\nK: V\r\n\r\n", "m3"};
    expected = "1m1 2m2 3m3 4m4 ";
  }
  SECTION("another time") {
    regrow();
    origin.kept[3] = {"ord.1", "", "m3", 8};
    expected = "1m1 2m2 3m3 4m4 ";
  }
  SECTION("its clock had been set back") {
    origin.time = 3;
    regrow();
  }
  SECTION("and the mirror's state is lost") {
    regrow();
    c.w.files.files.clear();
    c.mirror.reset();
    c.start();
  }
  SECTION("and has not caught up with the mirror") { expected = "1m1 2m2 "; }
  SECTION("and is behind the mirror, with other messages") {
    origin.kept.erase(2);
    origin.last = 1;
    origin.add("ord.1", "other");
    expected = "1m1 2other ";
  }
  SECTION("and has lost everything") {
    origin.kept.clear();
    origin.last = 0;
    origin.add("ord.1", "other");
    expected = "1other ";
  }
  SECTION("further back than what is compared") {
    c.up(10'000);
    origin.time = 10;
    for (int i = 3; i < 60; ++i) {
      origin.add("ord.1", "x");
    }
    c.up(10'000);
    CHECK(c.w.stream.last == StreamSeq{59});
    c.mirror->down(at_ms(10'005));
    origin.kept.erase(origin.kept.find(3), origin.kept.end());
    origin.last = 2;
    const bool set_back = GENERATE(false, true);
    origin.time = set_back ? 1 : 20;
    for (int i = 3; i < 70; ++i) {
      origin.add("ord.1", "y");
    }
    expected = "1m1 2m2 ";
    for (int i = 3; i < 70; ++i) {
      expected += std::to_string(i) + "y ";
    }
  }
  c.up(20'000);
  CHECK(c.copy() == expected);
  CHECK(c.w.stream.origin->error.err_code == 0);
  CHECK(std::ranges::count(c.w.sent, went_back) >= 1);
  c.run(20'500);
  CHECK(c.copy() == expected);
}

TEST_CASE("what an origin has instead may be hidden by the filter") {
  Copy c;
  c.w.stream.settings.mirror->filter_subject = "ord.1";
  c.start();
  c.up(0);
  HubStream& origin = c.origin();
  lose_end(origin);
  std::string expected = "1m1 2m2 ";
  const auto silent = GENERATE(true, false);
  const auto goes_on = [&] {
    if (!silent) {
      origin.add("ord.1", "m");
      expected += std::to_string(origin.last) + "m ";
    }
  };
  SECTION("another one at the same sequence") {
    origin.add("ord.2", "other");
    goes_on();
  }
  SECTION("the same, its clock set back") {
    origin.time = 3;
    origin.add("ord.2", "other");
    goes_on();
  }
  SECTION("others below it, the one at its sequence removed again") {
    origin.kept.erase(2);
    origin.last = 1;
    origin.add("ord.2", "other");
    origin.add("ord.2", "other");
    origin.kept.erase(3);
    expected = "1m1 ";
    goes_on();
  }
  SECTION("and the mirror hears of it under way") {
    origin.add("ord.2", "other");
    goes_on();
    c.w.heartbeat(7);  // Something was lost: a new consumer.
    c.run(100);
  }
  std::int64_t now = 100;
  if (c.w.consumers == 1) {
    c.mirror->down(at_ms(now));
    c.up(now = 10'000);
  }
  if (silent) {
    c.w.heartbeat(0);
    c.run(now + 1'000);
  }
  CHECK(c.copy() == expected);
  CHECK(c.w.stream.origin->error.err_code == 0);
  CHECK(std::ranges::count(c.w.sent, went_back) == 1);
}

TEST_CASE("what the filter had hidden is another message at an origin that lost its end") {
  Copy c;
  c.w.stream.settings.mirror->filter_subject = "ord.1";
  c.origin().kept[2].subject = "ord.2";
  c.start();
  c.up(0);
  CHECK(c.copy() == "1m1 3m3 ");
  c.mirror->down(at_ms(5));
  HubStream& origin = c.origin();
  origin.kept.erase(2);
  origin.kept.erase(3);
  origin.last = 1;
  origin.time = GENERATE(9, 7);  // Its clock may have been set back.
  origin.add("ord.1", "n2");
  std::string expected = "1m1 2n2 ";
  SECTION("it has caught up with the copy") {
    origin.add("ord.1", "n3");
    expected += "3n3 ";
  }
  SECTION("it has not") {}
  SECTION("the copy's last sequence is hidden now") {
    origin.add("ord.2", "n3");
    origin.add("ord.1", "n4");
    expected += "4n4 ";
  }
  c.up(10'000);
  CHECK(c.copy() == expected);
  CHECK(c.w.stream.origin->error.err_code == 0);
}

TEST_CASE("an origin that does not say what became of a message is asked again") {
  Copy c;
  c.w.stream.settings.mirror->filter_subject = "ord.1";
  c.start();
  c.up(0);
  c.mirror->down(at_ms(5));
  HubStream& origin = c.origin();
  lose_end(origin);
  origin.add("ord.2", "other");
  origin.add("ord.1", "m4");
  c.w.probe_mute = true;
  c.up(10'000);
  c.run(13'000);
  c.run(16'000);
  CHECK(c.copy() == "1m1 2m2 3m3 ");  // It has not read on as if the message had been removed.
  CHECK(c.w.stream.origin->error.code == 503);
  c.w.probe_mute = false;
  c.run(30'000);
  CHECK(c.copy() == "1m1 2m2 4m4 ");
  CHECK(c.w.stream.origin->error.code == 0);
}

TEST_CASE("an origin that contradicts itself costs nothing") {
  Copy c;
  c.start();
  c.up(0);
  c.mirror->down(at_ms(5));
  HubStream& origin = c.origin();
  SECTION("it says that it ends earlier than it does") {
    origin.last = 2;
    c.up(10'000);
    CHECK(c.w.stream.origin->error.code == 503);
    origin.last = 3;
    c.run(11'000);
    CHECK(c.w.stream.origin->error.code == 0);
  }
  SECTION("a reader does not see yet what is there") {
    origin.visible = 2;
    c.up(10'000);
    c.w.heartbeat(2);
    c.run(10'100);
    origin.visible = 9;
    origin.add("ord.1", "m4");
    c.w.deliver();
    c.run(10'200);
    CHECK(c.copy() == "1m1 2m2 3m3 4m4 ");
  }
  CHECK(c.copy().starts_with("1m1 2m2 3m3 "));
  CHECK(std::ranges::count(c.w.sent, went_back) == 0);
}

TEST_CASE("a consumer that goes back by itself makes the mirror look again") {
  Copy c;
  c.start();
  c.up(0);
  HubStream& origin = c.origin();
  origin.kept[3] = {"ord.1", "", "other", 9};
  c.w.consumer.next = 3;
  c.w.deliver();
  c.run(10);
  c.run(2'000);
  CHECK(c.copy() == "1m1 2m2 3other ");
}

TEST_CASE("a mirror gives up nothing that a damaged file holds, or on an unknown origin's word") {
  Copy c;
  c.start();
  c.up(0);
  c.mirror->down(at_ms(5));
  HubStream& origin = c.origin();
  SECTION("damage") {
    c.w.stream.damaged = true;
    origin.kept[3].payload = "other";
    origin.add("ord.1", "m4");
    c.up(10'000);
    CHECK(c.w.stream.origin->error.err_code == 10225);
    CHECK(c.mirror->status().last_error ==
          "origin stream has other messages above sequence 2, and a damaged file keeps the old "
          "ones: mirror stopped");
    c.run(600'000);
  }
  SECTION("it was made again and does not answer STREAM.INFO") {
    origin = {};
    origin.created = "2026-11-30T00:00:00Z";
    origin.info_mute = true;
    for (const char* payload : {"n1", "n2", "NEW", "NEW"}) {
      origin.add("ord.1", payload);
    }
    std::int64_t now = 10'000;
    for (c.up(now); now < 100'000; now += 500) {
      c.run(now);
    }
    CHECK(c.w.stream.origin->error.code == 503);
  }
  CHECK(c.copy() == "1m1 2m2 3m3 ");
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

TEST_CASE("an origin that is missing, and one that does not answer") {
  Copy c;
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
