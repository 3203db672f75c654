// Long answers come as their reader reads.

#include "base/limits.h"
#include "desk.h"

using frond::Ticket;
using frond::desk::Desk;

namespace {

struct Full : Desk {
  explicit Full(int messages = 10) {
    ask("STREAM.CREATE.S", R"({"name":"S","subjects":["a.>"],"allow_direct":true})");
    for (int i = 0; i < messages; ++i) publish("a." + std::to_string(i), std::to_string(i));
  }
  /// What has come; the reader has taken it.
  std::vector<std::string> read() {
    std::vector<std::string> got;
    for (const auto& one : outlet.take("reply")) {
      got.push_back(one.payload.empty() ? one.header.substr(0, one.header.find("\r\n"))
                                        : one.payload);
    }
    api->wake();
    api->pump();
    return got;
  }
};
using Got = std::vector<std::string>;

}  // namespace

TEST_CASE("a batch stops while its reader has much to read") {
  Full d;
  d.outlet.room = 3;
  d.send("DIRECT.GET.S", R"({"seq":1,"batch":8})");
  CHECK(d.read() == Got{"0", "1", "2"});
  CHECK(d.read() == Got{"3", "4", "5"});
  CHECK(d.read() == Got{"6", "7", "NATS/1.0 204 EOB"});
  CHECK(d.read().empty());
}

TEST_CASE("a batch of last messages stops as well") {
  Full d;
  d.outlet.room = 4;
  d.send("DIRECT.GET.S", R"({"multi_last":["a.>"],"batch":6})");
  CHECK(d.read() == Got{"0", "1", "2", "3"});
  CHECK(d.read() == Got{"4", "5", "NATS/1.0 204 EOB"});
}

TEST_CASE("nothing happens on its own while a reader does not read") {
  Full d;
  d.outlet.room = 2;
  d.send("DIRECT.GET.S", R"({"seq":1,"batch":8})");
  CHECK(d.api->next_deadline() == frond::kNever);
  d.api->pump();
  CHECK(d.outlet.sent.size() == 2);
}

TEST_CASE("a batch ends where the stream ended when it was asked for") {
  Full d(3);
  d.outlet.room = 2;
  d.send("DIRECT.GET.S", R"({"seq":1,"batch":100})");
  CHECK(d.outlet.sent.size() == 2);
  for (int i = 0; i < 5; ++i) d.publish("a.new", "new");
  CHECK(d.read() == Got{"0", "1"});
  CHECK(d.read() == Got{"2", "NATS/1.0 204 EOB"});
}

TEST_CASE("a batch ends with its asker and with its stream") {
  Full d;
  d.outlet.room = 2;
  d.send("DIRECT.GET.S", R"({"seq":1,"batch":8})");
  SECTION("nobody listens any more") {
    d.outlet.deaf = {"reply"};
    CHECK(d.read() == Got{"0", "1"});
    d.outlet.deaf.clear();
    CHECK(d.read().empty());
  }
  SECTION("the stream is gone, and another one has its name") {
    d.now += std::chrono::seconds(1);
    d.send("STREAM.DELETE.S", "", "", "other");
    d.send("STREAM.CREATE.S", R"({"name":"S","subjects":["a.>"],"allow_direct":true})", "",
           "other");
    CHECK(d.read() == Got{"0", "1"});
    CHECK(d.read() == Got{"NATS/1.0 404 Message Not Found"});
  }
}

TEST_CASE("a batch waits for messages that are not saved, and forgets them when they are lost") {
  Full d(2);
  d.streams->find("S")->ingest({"a.x", {}, {}, "unsaved"}, d.now);
  d.send("DIRECT.GET.S", R"({"seq":1,"batch":8})");
  CHECK(d.read() == Got{"0", "1"});
  CHECK(d.read().empty());
  SECTION("saved") {
    d.commit();
    CHECK(d.read() == Got{"unsaved", "NATS/1.0 204 EOB"});
  }
  SECTION("lost") {
    d.fail();
    d.api->wake();
    d.api->pump();
    CHECK(d.read() == Got{"NATS/1.0 204 EOB"});
  }
}

TEST_CASE("too many long answers: the one that has waited longest is dropped") {
  Full d(4);
  d.outlet.room = 0;  // Everyone has much to read.
  d.send("DIRECT.GET.S", R"({"seq":1,"batch":2})", "", "first");
  for (std::size_t i = 0; i < frond::base::api_waiting_max; ++i) {
    d.api->handle("$JS.API.DIRECT.GET.S",
                  {"$JS.API.DIRECT.GET.S", "later", {}, R"({"seq":1,"batch":2})"}, d.now);
  }
  d.outlet.room = frond::test::FakeOutlet::unbounded;
  d.api->pump();
  CHECK(d.outlet.sent.size() == 3 * frond::base::api_waiting_max);
  CHECK(d.outlet.take("first").empty());
}

TEST_CASE("one pump sends so much and leaves the rest to the next") {
  Full d(0);
  const std::string payload(1024 * 1024, 'x');
  for (int i = 0; i < 40; ++i) d.publish("a.big", payload);
  d.send("DIRECT.GET.S", R"({"seq":1,"batch":100})");
  CHECK(d.outlet.take("reply").size() == frond::base::pump_bytes_max / payload.size());
  CHECK(d.api->next_deadline() == frond::Instant{});
}
