// What consumers count as messages come and go is what counting all of them would give, whatever
// happens in between.
#include "stream/config_json.h"
#include "subject/match.h"
#include "support/consumers_node.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace frond;
using namespace frond::consumer;

namespace {

const std::vector<std::vector<std::string>> wanted = {
    {}, {"o.>"}, {"o.*.1"}, {"o.eu.*"}, {"o.us.2"}, {"o.eu.1", "o.*.3"}, {"p.>"}};

struct Node : test::ConsumersNode {
  explicit Node(const std::string& config) {
    streams->create(stream::parse_stream_config(config).config, now, false);
    for (std::size_t i = 0; i < wanted.size(); ++i) create(i, DeliverPolicy::all);
  }
  stream::Stream& stream() { return *streams->find("S"); }
  Consumer* at(std::size_t i) { return consumers->find("S", "c" + std::to_string(i)); }
  void create(std::size_t i, DeliverPolicy policy) {
    ConsumerConfig config;
    config.durable = config.name = "c" + std::to_string(i);
    config.ack_policy = AckPolicy::explicit_ack;
    config.deliver_policy = policy;
    config.max_ack_pending = 10'000;
    config.filter_subjects = wanted[i];
    consumers->create(stream(), config, Action::create, false, now);
  }
  void publish() {
    static const std::vector<std::string> areas = {"eu", "us", "asia"};
    const std::string subject =
        (below(5) == 0 ? "p." : "o.") + areas[below(3)] + "." + std::to_string(below(4));
    stream().ingest({subject, {}, {}, "x"}, now);
  }
  std::size_t below(std::size_t bound) { return entropy.below(bound); }
  StreamSeq some() {
    const stream::StreamState state = stream().state();
    return {state.first.value + below(state.last.value - state.first.value + 2)};
  }
  void step() {
    const std::size_t one = below(wanted.size());
    switch (below(14)) {
      case 0:
        commit();
        break;
      case 1:
        if (below(4) == 0) lose_commit();
        break;
      case 2:
        stream().erase(some(), now);
        break;
      case 3:
        if (below(3) == 0) stream().purge({"o.eu.>", {}, below(3)}, now);
        break;
      case 4:
        if (below(4) == 0) stream().purge({"", some(), 0}, now);
        break;
      case 5:
      case 6:
        at(one)->on_pull("r", R"({"batch":3,"no_wait":true})", now);
        break;
      case 7:
        if (below(3) > 0) break;
        consumers->remove(stream(), "c" + std::to_string(one), now);
        create(one, static_cast<DeliverPolicy>(below(3)));
        break;
      case 8:
        if (StreamSeq to = some(); below(4) == 0) consumers->reset(*at(one), to);
        break;
      default:
        publish();
        break;
    }
    consumers->pump(now);
    outlet.take();
  }
  /// Of one consumer, by looking at every message.
  std::uint64_t counted(std::size_t i) {
    const StreamSeq delivered = at(i)->info(now).delivered_stream;
    std::uint64_t count = 0;
    for (StreamSeq at = delivered.next(); at <= stream().durable_last(); at = at.next()) {
      const stream::Lookup found = stream().get(at);
      if (found && subject::FilterSet(wanted[i]).matches(found->subject)) ++count;
    }
    return count;
  }
};

}  // namespace

TEST_CASE("num_pending is what is there, after anything") {
  const std::string config = GENERATE(
      R"({"name":"S","subjects":["o.>","p.>"]})",
      R"({"name":"S","subjects":["o.>","p.>"],"max_msgs_per_subject":2})",
      R"({"name":"S","subjects":["o.>","p.>"],"max_msgs":40})",
      R"({"name":"S","subjects":["o.>","p.>"],"storage":"memory","max_msgs_per_subject":3})");
  CAPTURE(config);
  Node node(config);
  node.commit();
  for (int i = 0; i < 1500; ++i) {
    node.step();
    for (std::size_t c = 0; c < wanted.size(); ++c) {
      if (node.at(c) == nullptr) node.create(c, DeliverPolicy::all);
      CAPTURE(i, c);
      REQUIRE(node.at(c)->info(node.now).pending == node.counted(c));
    }
  }
}
