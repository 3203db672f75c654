// A stream that is fed from others: nothing twice, nothing left out, whatever the origin becomes.

#include "sync/source/sources.h"

#include "sync_world.h"
#include "wire/headers.h"

#include <optional>
#include <string>

namespace frond::sync {
namespace {

struct Fed {
  SyncWorld w;
  std::optional<Sources> sources;
  std::int64_t now = 0;

  explicit Fed(const std::string& filter = {}) {
    w.stream.settings.name = "ALL";
    stream::StreamSource& origin = w.stream.settings.sources.emplace_back();
    origin.name = "ORD";
    origin.external_api = "$JS.hub.API";
    origin.filter_subject = filter;
    w.streams["ORD"].filter = "ord.>";
    for (const char* payload : {"m1", "m2", "m3"}) add(payload);
  }
  HubStream& origin() { return w.streams["ORD"]; }
  void add(const std::string& payload, const std::string& subject = "ord.1") {
    ++origin().time;
    origin().add(subject, payload);
  }
  void start() { sources.emplace(w.context, w.stream, "streams/ALL"); }
  void run(std::int64_t ms) {
    now += ms;
    w.run(*sources, now);
    w.stream.durable = w.stream.last;
  }
  void up() {
    if (!sources) start();
    sources->up(at_ms(now));
    run(1);
  }
  void down() {
    w.queue.clear();
    sources->down(at_ms(now));
    w.commit();
  }
  std::string taken() const {
    std::string text;
    for (const auto& [sequence, message] : w.stream.kept) text += message.payload + " ";
    return text;
  }
  std::string header(std::uint64_t sequence) {
    return std::string(
        wire::header_value(w.stream.kept.at({sequence}).header, "Nats-Stream-Source").value_or(""));
  }
};

TEST_CASE("a source takes what its origin has and gets, and says where each came from") {
  Fed f;
  f.up();
  CHECK(f.taken() == "m1 m2 m3 ");
  f.add("m4", "ord.2");
  f.w.deliver();
  f.run(1);
  CHECK(f.taken() == "m1 m2 m3 m4 ");
  const std::string origin = stream::source_name(f.w.stream.settings.sources[0]).origin;
  CHECK(origin.starts_with("ORD:"));
  CHECK(origin.size() == 12);
  CHECK(f.header(4) == origin + " 4 > > ord.2");
  const SyncStatus status = f.sources->status();
  CHECK(status.lag == 0);
  CHECK(status.hub_stream == "ORD");
  CHECK(status.hub_sequence == StreamSeq{4});
  CHECK(f.sources->origins().at(0).last_active);
}

TEST_CASE("filters, transforms and where to begin") {
  Fed f("ord.2");
  f.add("m4", "ord.2");
  SECTION("filter") {
    f.up();
    CHECK(f.taken() == "m4 ");
    CHECK(f.header(1).ends_with(" 4 ord.2 > ord.2"));
  }
  stream::StreamSource& origin = f.w.stream.settings.sources[0];
  SECTION("transform") {
    origin.filter_subject.clear();
    origin.subject_transforms = {{"ord.*", "eu.$1"}};
    f.up();
    CHECK(f.taken() == "m1 m2 m3 m4 ");
    CHECK(f.w.stream.kept.at({4}).subject == "eu.2");
    CHECK(f.header(4).ends_with(" 4 ord.* eu.$1 ord.2"));
  }
  SECTION("start sequence") {
    origin.filter_subject.clear();
    origin.opt_start_seq = 3;
    f.up();
    CHECK(f.taken() == "m3 m4 ");
  }
  SECTION("start time") {
    origin.filter_subject.clear();
    origin.opt_start_time = wall(at_ms(9));
    f.up();
    CHECK(f.taken() == "m2 m3 m4 ");
  }
}

TEST_CASE("after a gap, a crash or a purge here a source goes on behind what it took") {
  Fed f;
  f.up();
  f.down();
  f.add("m4");
  SECTION("a gap") {}
  SECTION("a restart") { f.start(); }
  SECTION("a purge here, and a restart") {
    f.w.stream.kept.clear();
    f.start();
    f.up();
    CHECK(f.taken() == "m4 ");
    return;
  }
  SECTION("a restart that finds no state") {
    f.w.files.files.erase("streams/ALL/sources.state");
    f.w.files.files.erase("streams/ALL/sources.state.2");
    f.start();
  }
  f.up();
  CHECK(f.taken() == "m1 m2 m3 m4 ");
  f.down();
  SECTION("a stream that has lost its end takes that again") {
    f.w.stream.kept.erase({4});
    f.w.stream.last = f.w.stream.durable = {3};
    f.start();
    f.up();
    CHECK(f.taken() == "m1 m2 m3 m4 ");
  }
}

TEST_CASE("a commit that is lost takes the positions along") {
  Fed f;
  f.start();
  f.sources->up(at_ms(0));
  f.w.carry();  // The answer to the create.
  f.sources->tick(at_ms(0));
  f.w.commit();
  while (!f.w.queue.empty()) f.w.carry();
  f.sources->tick(at_ms(0));
  CHECK(f.taken() == "m1 m2 m3 ");
  REQUIRE(f.w.lose_commit());
  f.w.stream.kept.clear();
  f.w.stream.last = {};
  f.sources->on_reloaded(f.w.stream);
  f.run(1);
  CHECK(f.taken() == "m1 m2 m3 ");
}

TEST_CASE("an origin that has become another one is gone on with") {
  Fed f;
  f.up();
  f.down();
  HubStream& origin = f.origin();
  SECTION("purged") {
    origin.kept.clear();
    f.add("n1");
    f.up();
    CHECK(f.taken() == "m1 m2 m3 n1 ");
  }
  SECTION("lost its end") {
    origin.kept.erase(3);
    origin.last = 2;
    f.up();
    CHECK(f.taken() == "m1 m2 m3 ");
    f.add("n1");
    f.add("n2");
    f.w.deliver();
    f.run(1);
    CHECK(f.taken() == "m1 m2 m3 n1 n2 ");
  }
  SECTION("made again with fewer messages") {
    origin.kept.clear();
    origin.last = 0;
    f.add("n1");
    f.up();
    CHECK(f.taken() == "m1 m2 m3 n1 ");
  }
  SECTION("made again with more messages") {
    origin.kept.clear();
    origin.last = 0;
    for (const char* payload : {"n1", "n2", "n3", "n4"}) f.add(payload);
    f.up();
    CHECK(f.taken() == "m1 m2 m3 n1 n2 n3 n4 ");
  }
  SECTION("deleted, and made again later") {
    f.w.streams.erase("ORD");
    f.up();
    f.run(60'000);
    CHECK(f.sources->origins().at(0).error.err_code == 10045);
    CHECK(f.sources->status().last_error == "ORD: stream not found");
    f.w.streams["ORD"].filter = "ord.>";
    f.w.streams["ORD"].time = 20;
    f.add("n1");
    f.run(60'000);
    CHECK(f.taken() == "m1 m2 m3 n1 ");
    CHECK(f.sources->status().last_error.empty());
  }
  SECTION("not to be read any more") {
    f.w.denied_space = "$JS.hub.API.";
    f.up();
    for (int i = 0; i < 10; ++i) f.run(1'000);
    CHECK(f.sources->status().last_error.find("no right to ask") != std::string::npos);
    f.w.denied_space.clear();
    f.add("n1");
    f.run(60'000);
    CHECK(f.taken() == "m1 m2 m3 n1 ");
  }
}

TEST_CASE("a stream that takes no more is offered the same message later") {
  Fed f;
  f.w.stream.full = true;
  f.up();
  f.run(10'000);
  CHECK(f.taken().empty());
  CHECK(f.sources->status().last_error == "ORD: maximum messages exceeded");
  f.w.stream.full = false;
  f.run(60'000);
  CHECK(f.taken() == "m1 m2 m3 ");
}

TEST_CASE("a source of this node begins without a link") {
  Fed f;
  f.w.stream.settings.sources[0].external_api.clear();
  f.start();
  f.sources->begin(at_ms(0));
  CHECK(f.w.to_self == std::vector<std::string>{"$JS.API.CONSUMER.CREATE.ORD"});
  f.sources->up(at_ms(1));
  f.sources->down(at_ms(2));
  CHECK(f.w.to_self.size() == 1);
  CHECK(f.w.calls.empty());
}

}  // namespace
}  // namespace frond::sync
