#pragma once
// Streams and their consumers over fake storage, without an engine: the part of wiring that tests
// of consumers and of the API need.

#include "consumer/consumers.h"
#include "store/durability_gate.h"
#include "support/fake_outlet.h"
#include "support/streams_node.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace frond::test {

struct ConsumersNode : StreamsNode, private stream::StreamsListener {
  explicit ConsumersNode(std::string the_domain = {})
      : StreamsNode(true), domain(std::move(the_domain)) {
    open();
  }

  /// What is not committed is gone.
  void open() {
    consumers.reset();
    gate.reset();
    damaged_streams = StreamsNode::open();
    gate = std::make_unique<store::DurabilityGate>(*journal, outlet);
    consumers = std::make_unique<consumer::Consumers>(
        *streams, consumer::Environment{*journal, *gate, outlet, entropy, clock, domain, "", {}},
        files);
    streams->set_listener(this);
    damaged = consumers->recover(now);
    consumers->pump(now);
  }
  void commit() {
    carry_out(*journal, files, [this](const CommitStorage& commit) { durable(commit.ticket); });
  }
  void durable(Ticket ticket) {
    streams->durable(ticket, now);
    gate->release();
    consumers->pump(now);
  }
  /// The commit that has gathered is lost. False when there was none.
  bool lose_commit() {
    const std::optional<Ticket> lost = lose(*journal, files);
    if (!lost) return false;
    streams->reload_unsaved(now);
    consumers->commit_failed(now);
    gate->refuse(*lost);
    consumers->pump(now);
    return true;
  }
  void later(Duration duration) {
    now += duration;
    consumers->pump(now);
  }

  std::string domain;
  FakeOutlet outlet;
  std::vector<stream::Quarantined> damaged_streams, damaged;
  std::unique_ptr<store::DurabilityGate> gate;
  std::unique_ptr<consumer::Consumers> consumers;

 private:
  void on_created(stream::Stream&) override {}
  void on_updated(stream::Stream&, const stream::StreamConfig&) override {}
  void on_deleted(stream::Stream& stream) override { consumers->stream_deleted(stream, now); }
};

}  // namespace frond::test
