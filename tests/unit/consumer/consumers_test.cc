// The set of consumers over real streams: how many there may be, and what a lost commit leaves.
#include "stream/config_json.h"
#include "support/consumers_node.h"

#include <catch2/catch.hpp>

#include <string>

using namespace frond;
using namespace frond::consumer;

namespace {

struct Node : test::ConsumersNode {
  stream::Stream& make(const std::string& json) {
    const stream::StreamOutcome outcome =
        streams->create(stream::parse_stream_config(json).config, now, false);
    INFO(outcome.error.description);
    REQUIRE(outcome.stream != nullptr);
    return *outcome.stream;
  }
  ConsumerOutcome create(const std::string& name, const std::string& description = {}) {
    ConsumerConfig config;
    config.durable = config.name = name;
    config.ack_policy = AckPolicy::explicit_ack;
    config.description = description;
    return consumers->create(*streams->find("S"), config, Action::create_or_update, false, now);
  }
  std::string description(const std::string& name) {
    const Consumer* found = consumers->find("S", name);
    return found == nullptr ? "none" : found->config().description;
  }
  /// Delivered to a client that asks for one message.
  std::string next(const std::string& name) {
    consumers->find("S", name)->on_pull("r", "1", now);
    consumers->pump(now);
    const auto sent = outlet.take("r");
    return sent.empty() ? "nothing" : sent[0].payload;
  }
};

}  // namespace

TEST_CASE("consumers: a stream takes so many and no more, and the same one again") {
  Node node;
  node.make(R"({"name":"S","subjects":["s"],"max_consumers":2})");
  CHECK_FALSE(node.create("a").error);
  CHECK_FALSE(node.create("b").error);
  CHECK(node.create("c").error.err_code == 10026);
  CHECK_FALSE(node.create("b", "changed").error);
  CHECK(node.consumers->count("S") == 2);
  CHECK_FALSE(node.consumers->remove(*node.streams->find("S"), "a", node.now).error);
  CHECK_FALSE(node.create("c").error);
}

TEST_CASE("consumers: a lost commit undoes what was made, changed and deleted in it") {
  Node node;
  node.make(R"({"name":"S","subjects":["s"]})");
  node.create("kept", "before");
  node.create("changed", "before");
  node.create("deleted", "before");
  node.commit();
  node.create("changed", "after");
  node.create("made");
  node.consumers->remove(*node.streams->find("S"), "deleted", node.now);
  CHECK(node.description("changed") == "after");
  CHECK(node.description("deleted") == "none");
  REQUIRE(node.lose_commit());
  const auto check = [&node] {
    CHECK(node.description("kept") == "before");
    CHECK(node.description("changed") == "before");
    CHECK(node.description("deleted") == "before");
    CHECK(node.description("made") == "none");
  };
  check();
  node.commit();
  node.open();
  check();
}

TEST_CASE("consumers: a position whose commit was lost is written again") {
  Node node;
  stream::Stream& s = node.make(R"({"name":"S","subjects":["s"]})");
  node.create("c");
  s.ingest({"s", {}, {}, "1"}, node.now);
  s.ingest({"s", {}, {}, "2"}, node.now);
  node.commit();
  CHECK(node.next("c") == "1");
  node.later(std::chrono::seconds(1));
  REQUIRE(node.lose_commit());
  // Nothing else happens to this consumer: by itself it sees to it that its position is kept.
  node.later(std::chrono::seconds(5));
  node.commit();
  node.open();
  CHECK(node.next("c") == "2");
}

TEST_CASE("consumers: a stream that ends before what they have had has lost a file, and says so") {
  Node node;
  stream::Stream& made = node.make(R"({"name":"S","subjects":["s"]})");
  const std::string blocks = made.directory() + "/blocks/";
  node.create("c");
  node.commit();
  for (const char* payload : {"1", "2", "3"}) {
    CHECK_FALSE(made.ingest({"s", {}, {}, payload}, node.now).error);
  }
  node.commit();
  CHECK(node.next("c") == "1");
  CHECK(node.next("c") == "2");
  node.later(std::chrono::hours(1));
  node.commit();
  node.open();
  CHECK(node.damaged.empty());
  std::erase_if(node.files.files, [&](const auto& file) { return file.first.starts_with(blocks); });
  node.open();
  REQUIRE(node.damaged.size() == 1);
  CHECK(node.damaged[0].path == blocks.substr(0, blocks.size() - 1));
  CHECK(node.damaged[0].reason ==
        "a file is missing: the messages end at 0, and consumer c has had 2");
  stream::Stream& stream = *node.streams->find("S");
  CHECK(stream.ingest({"s", {}, {}, "new"}, node.now).sequence > StreamSeq{3});
  node.commit();
  CHECK(node.next("c") == "new");
  node.commit();
  node.open();
  CHECK(node.damaged.empty());
}

TEST_CASE("consumers: a mirror that ends before what they have had may have gone back") {
  Node node;
  const auto fill = [&node](stream::Stream& mirror, std::uint64_t from) {
    for (std::uint64_t i = from; i <= 3; ++i) {
      const std::string payload = std::to_string(i);
      mirror.store_at({i}, WallTime(node.now.time_since_epoch()), {"s", {}, {}, payload}, node.now);
    }
    node.commit();
  };
  stream::Stream& made = node.make(R"({"name":"S","mirror":{"name":"O"}})");
  node.create("c");
  node.commit();
  fill(made, 1);
  CHECK(node.next("c") == "1");
  CHECK(node.next("c") == "2");
  node.later(std::chrono::hours(1));
  node.commit();
  // A crash in the commit in which it goes back: the consumer's state is not written any more.
  auto state = node.files.files;
  std::erase_if(state,
                [](const auto& file) { return file.first.find(".state") == std::string::npos; });
  REQUIRE_FALSE(state.empty());
  REQUIRE(made.rewind({1}, node.now));
  node.consumers->pump(node.now);
  node.commit();
  for (const auto& [path, text] : state) {
    node.files.files[path] = text;
  }
  node.open();
  CHECK(node.damaged.empty());
  CHECK(node.streams->find("S")->state().last == StreamSeq{1});
  fill(*node.streams->find("S"), 2);
  CHECK(node.next("c") == "1");  // An hour without an ack.
  CHECK(node.next("c") == "2");
}
