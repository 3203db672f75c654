#pragma once
// What consumer tests stand on: a stream in memory whose durable end the test moves by hand, an
// outlet that remembers what left, and a clock.

#include "consumer/consumer.h"
#include "consumer/readers.h"
#include "store/durability_gate.h"
#include "stream/stream.h"
#include "subject/match.h"
#include "support/commits.h"
#include "support/fake_outlet.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace frond::bench {

inline constexpr Instant start{std::chrono::seconds(1'700'000'000)};
/// What the wall clock shows as long as the test does not set it.
constexpr WallTime wall(Instant at) { return WallTime(at.time_since_epoch()); }

struct Stored {
  std::uint64_t sequence;
  WallTime time;
  std::string subject, header, payload;
};

class FakeStream : public stream::Stream {
 public:
  stream::StreamConfig configuration;
  std::vector<Stored> messages;
  std::uint64_t last = 0;
  std::uint64_t durable = 0;
  std::string folder = "streams/S";

  FakeStream() {
    configuration.name = "S";
    configuration.subjects = {"a.>"};
  }
  void put(const std::string& subject, const std::string& payload, Instant time = start,
           const std::string& header = {}) {
    messages.push_back({++last, wall(time), subject, header, payload});
    durable = last;
  }
  static stream::StoredMessage view(const Stored& m) {
    return {StreamSeq{m.sequence}, m.time, m.subject, m.header, m.payload};
  }

  const stream::StreamConfig& config() const override { return configuration; }
  WallTime created() const override { return wall(start); }
  const std::string& identity() const override { return configuration.name; }
  const std::string& directory() const override { return folder; }
  stream::StreamState state() const override {
    stream::StreamState state;
    state.messages = messages.size();
    state.first = {messages.empty() ? (last == 0 ? 0 : last + 1) : messages.front().sequence};
    state.last = {last};
    if (!messages.empty()) {
      state.deleted = last - messages.front().sequence + 1 - messages.size();
    }
    return state;
  }
  StreamSeq durable_last() const override { return {durable}; }
  stream::IngestResult ingest(const base::Message&, Instant) override { return {}; }
  stream::IngestResult ingest_sourced(const base::Message&, Instant) override { return {}; }
  stream::IngestResult store_at(StreamSeq, WallTime, const base::Message&, Instant) override {
    return {};
  }
  Ticket skip_to(StreamSeq, Instant) override { return Ticket{0}; }
  bool rewind(StreamSeq, Instant) override { return false; }
  /// The host has no descriptor left: nothing that is stored can be read.
  bool unreadable = false;

  stream::Lookup found(const Stored& message) const {
    stream::Lookup out;
    if (unreadable) {
      out.unreadable = StreamSeq{message.sequence};
    } else {
      out.emplace(view(message));
    }
    return out;
  }
  stream::Lookup get(StreamSeq sequence) override {
    for (const Stored& m : messages) {
      if (m.sequence == sequence.value) {
        return found(m);
      }
    }
    return {};
  }
  std::optional<WallTime> time_of(StreamSeq sequence) const override {
    const auto at = std::ranges::find(messages, sequence.value, &Stored::sequence);
    return at == messages.end() ? std::nullopt : std::optional(view(*at).time);
  }
  stream::Lookup last_for(std::string_view filter) override {
    for (auto m = messages.rbegin(); m != messages.rend(); ++m) {
      if (subject::matches(filter, m->subject)) {
        return found(*m);
      }
    }
    return {};
  }
  stream::Lookup next_for(const subject::FilterSet& filters, StreamSeq from) override {
    for (const Stored& m : messages) {
      if (m.sequence >= from.value && filters.matches(m.subject)) {
        return found(m);
      }
    }
    return {};
  }
  std::uint64_t count_from(const subject::FilterSet& filters, StreamSeq from) const override {
    return static_cast<std::uint64_t>(std::ranges::count_if(messages, [&](const Stored& m) {
      return m.sequence >= from.value && filters.matches(m.subject);
    }));
  }
  StreamSeq next_subject(StreamSeq from, std::string_view& subject) const override {
    for (const Stored& m : messages) {
      if (m.sequence >= from.value) {
        subject = m.subject;
        return {m.sequence};
      }
    }
    return {};
  }
  std::vector<StreamSeq> last_per_subject(const subject::FilterSet& filters,
                                          StreamSeq up_to) const override {
    std::set<std::string> seen;
    std::vector<StreamSeq> out;
    for (auto m = messages.rbegin(); m != messages.rend(); ++m) {
      if (m->sequence <= up_to.value && filters.matches(m->subject) &&
          seen.insert(m->subject).second) {
        out.insert(out.begin(), StreamSeq{m->sequence});
      }
    }
    return out;
  }
  StreamSeq first_at(WallTime time) const override {
    for (const Stored& m : messages) {
      if (m.time >= time) {
        return {m.sequence};
      }
    }
    return {};
  }
  std::vector<stream::SubjectCount> subjects(std::string_view) const override { return {}; }
  std::vector<stream::SequenceRun> deleted_runs(std::size_t) const override { return {}; }
  bool erase(StreamSeq sequence, Instant) override {
    const auto at = std::ranges::find(messages, sequence.value, &Stored::sequence);
    if (at == messages.end()) return false;
    erased.push_back(*at);
    messages.erase(at);
    return true;
  }
  std::vector<Stored> erased;  // Not told yet.
  std::uint64_t purge(const stream::PurgeRequest&, Instant) override { return 0; }
  Ticket ticket() const override { return Ticket{0}; }
  void add_listener(stream::StreamListener*) override {}
  void remove_listener(stream::StreamListener*) override {}
  void set_mirror_status(OriginStatus) override {}
  const std::optional<OriginStatus>& mirror_status() const override { return mirror_; }

 private:
  std::optional<OriginStatus> mirror_;
};

using test::FakeOutlet;
using test::Sent;

/// One consumer on the fake stream.
struct Bench {
  FakeStream stream;
  FakeOutlet outlet;
  test::FakeStorage files{true};
  store::Journal journal;
  store::DurabilityGate gate{journal, outlet};
  test::TestEntropy entropy{1};
  base::Clock clock;
  consumer::Environment environment{journal, gate, outlet, entropy, clock, "", "", {}};
  consumer::Readers readers;
  StreamSeq told;
  Instant now = start;
  std::unique_ptr<consumer::Consumer> consumer;

  static consumer::ConsumerConfig pull() {
    consumer::ConsumerConfig config;
    config.durable = config.name = "c";
    config.ack_policy = consumer::AckPolicy::explicit_ack;
    config.ack_wait = std::chrono::seconds(30);
    config.max_deliver = -1;
    config.max_waiting = 512;
    config.max_ack_pending = 1000;
    return config;
  }
  static consumer::ConsumerConfig push() {
    consumer::ConsumerConfig config = pull();
    config.max_waiting = 0;
    config.deliver_subject = "inbox";
    return config;
  }
  consumer::Consumer& make(consumer::ConsumerConfig config,
                           std::optional<consumer::ConsumerState> state = std::nullopt) {
    // A second consumer replaces the first: the sequence of events is the test's.
    if (consumer) readers.remove(*consumer);
    consumer = std::make_unique<consumer::Consumer>(
        stream, environment, std::move(config), "c", wall(state ? start : now),
        consumer::ConsumerFiles(journal, files, "streams/S/consumers/c"), std::move(state), now);
    readers.add(*consumer);
    told = stream.durable_last();
    stream.erased.clear();
    return *consumer;
  }
  /// The stream tells of what has become durable, and of what was erased.
  void tell_messages() {
    const StreamSeq last = stream.durable_last();
    if (last > told) readers.on_messages(stream, {told.next(), last});
    told = last;
  }
  void tell_reloaded() {
    readers.on_reloaded(stream);
    told = stream.durable_last();
  }
  void tell_removed() {
    std::vector<stream::RemovedMessage> messages;
    for (const Stored& m : stream.erased) messages.push_back({{m.sequence}, m.subject});
    readers.on_removed(stream, messages);
    stream.erased.clear();
  }
  void pump() { alive = consumer->pump(now); }
  void later(Duration duration) {
    now += duration;
    pump();
  }
  void ask(const std::string& body, const std::string& reply = "r") {
    consumer->on_pull(reply, body, now);
    pump();
  }
  void ack(const std::string& subject, const std::string& body = "",
           const std::string& reply = "") {
    consumer->on_ack({subject, reply, {}, body}, now);
    pump();
  }
  bool alive = true;
};

inline void fill(Bench& b, int count) {
  for (int i = 1; i <= count; ++i) b.stream.put("a.x", "m" + std::to_string(i));
}
inline std::vector<std::string> payloads(const std::vector<Sent>& sent) {
  std::vector<std::string> out;
  for (const Sent& s : sent) out.push_back(s.payload);
  return out;
}

}  // namespace frond::bench
