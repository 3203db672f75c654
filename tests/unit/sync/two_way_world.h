#pragma once
// Devices with real streams over fake storage, each with a two-way working copy of one hub's
// stream, and a network between them that can be cut, stopped and looked at packet by packet.

#include "store/durability_gate.h"
#include "stream/streams.h"
#include "support/commits.h"
#include "support/fake_storage.h"
#include "sync/two_way/two_way.h"
#include "two_way_hub.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace frond::sync {

class TwoWayDevice final : public base::Outlet, public SyncLink, public stream::StreamsListener {
 public:
  TwoWayDevice(TwoWayHub& hub, std::size_t number, bool appends, std::string policy,
               std::int64_t history)
      : hub_(hub),
        number_(number),
        files(appends),
        entropy(number * 1000 + 1),
        policy_(std::move(policy)),
        history_(history) {
    start();
    stream::StreamConfig config;
    config.name = "KV_a";
    config.subjects = {"$KV.a.>"};
    config.max_msgs_per_subject = history_;
    config.allow_rollup_hdrs = true;
    REQUIRE_FALSE(streams->create(config, now).error);
    commit();
  }
  ~TwoWayDevice() override { stop(); }

  // --- What sync is lent ---
  std::size_t send(std::string_view target, const base::Message& message) override {
    told.push_back({std::string(target), std::string(message.subject), std::string(message.reply),
                    std::string(message.header), std::string(message.payload)});
    return 1;
  }
  bool has_interest(std::string_view subject) const override {
    return asked_is_there && subject.starts_with("$FROND.CONFLICT.");
  }
  InboxId open(Peer, std::string_view subject, InboxHandler& handler) override {
    const InboxId id{++inbox_ids_};
    inboxes_[id] = {std::string(subject), &handler};
    return id;
  }
  void close(InboxId inbox) override { inboxes_.erase(inbox); }
  HubSend send_to_hub(std::string_view target, const base::Message& message) override {
    if (!online) return HubSend::offline;
    if (denied) return HubSend::denied;
    up_.push_back({std::string(target), std::string(target), std::string(message.reply),
                   std::string(message.header), std::string(message.payload)});
    return HubSend::sent;
  }
  void send_to_self(std::string_view, const base::Message&) override {}
  void probe(Instant) override {}
  Instant last_heard() const override { return now; }
  std::string_view hub_id() const override {
    hub_id_ = "NHUB" + std::to_string(hub_.run);
    return hub_id_;
  }

  // --- Its stream ---
  void on_created(stream::Stream& stream) override { begin(stream); }
  void on_updated(stream::Stream&, const stream::StreamConfig&) override {}
  void on_deleted(stream::Stream& stream) override {
    if (stream.config().name == "KV_a") way.reset();
  }
  stream::Stream& stream() { return *streams->find("KV_a"); }
  /// As a client's publish. The sequence, or 0 when it was refused.
  std::uint64_t write(const std::string& key, const std::string& payload,
                      const std::string& header = {}) {
    const stream::IngestResult result = stream().ingest({"$KV.a." + key, {}, header, payload}, now);
    return result.error ? 0 : result.sequence.value;
  }
  /// "-" for a deleted key, "" for one that is not there.
  std::string value(const std::string& key) {
    const stream::Lookup last = stream().last_for("$KV.a." + key);
    if (!last) return {};
    return is_delete_marker(last->header) ? "-" : std::string(last->payload);
  }

  // --- Its life ---
  void start() {
    journal = std::make_unique<store::Journal>();
    gate = std::make_unique<store::DurabilityGate>(*journal, *this);
    streams =
        std::make_unique<stream::Streams>(*journal, files, entropy, stream::StreamsLimits{}, clock);
    letters = std::make_unique<DeadLetters>(*streams);
    context =
        std::make_unique<SyncContext>(SyncContext{*this, *this, *journal, *gate, files, entropy,
                                                  *letters, "d" + std::to_string(number_), ""});
    streams->recover(now);
    streams->set_listener(this);
    for (stream::Stream* stream : streams->all()) begin(*stream);
  }
  void begin(stream::Stream& stream) {
    if (stream.config().name != "KV_a") return;  // The dead letters.
    const std::map<std::string, ConflictPolicy> policies{{"", ConflictPolicy::hub_order},
                                                         {"hub-order", ConflictPolicy::hub_order},
                                                         {"hub-wins", ConflictPolicy::hub_wins},
                                                         {"local-wins", ConflictPolicy::local_wins},
                                                         {"ask", ConflictPolicy::ask}};
    way = std::make_unique<TwoWay>(*context, stream, stream.directory(),
                                   TwoWaySettings{"hub", "S", policies.at(policy_)});
    if (online) way->up(now);
  }
  void stop() {
    way.reset();
    if (streams) streams->set_listener(nullptr);
    context.reset();
    letters.reset();
    streams.reset();
    gate.reset();
    journal.reset();
    inboxes_.clear();
    cut();
  }
  /// What is not committed is gone; of what is to be committed a part may be there.
  void crash(std::size_t whole, std::uint64_t bytes) {
    if (const auto commit = journal->seal(); commit && files.appends()) {
      files.apply_part(*commit, whole, bytes);
    }
    online = false;
    stop();
    start();
  }
  void commit() {
    test::carry_out(*journal, files, [this](const CommitStorage& commit) {
      streams->durable(commit.ticket, now);
      gate->release();
    });
  }
  void lose_commit() {
    if (const auto lost = test::lose(*journal, files)) {
      streams->reload_unsaved(now);
      gate->refuse(*lost);
    }
  }
  void tick() {
    if (way) way->tick(now);
  }
  void connect() {
    if (online) return;
    online = true;
    way->up(now);
  }
  void disconnect() {
    if (!online) return;
    online = false;
    way->down(now);
    cut();
  }
  void cut() {
    up_.clear();
    down_.clear();
  }

  // --- The network ---
  bool carry_up() {
    if (up_.empty()) return false;
    const Packet packet = up_.front();
    up_.pop_front();
    const std::string answer = hub_.take(number_, packet);
    if (!packet.reply.empty() && !answer.empty()) {
      down_.push_back({packet.reply, packet.reply, {}, {}, answer});
    }
    return true;
  }
  bool carry_down() {
    if (down_.empty()) return false;
    const Packet packet = down_.front();
    down_.pop_front();
    give(packet);
    return true;
  }
  void give(const Packet& packet) {
    for (const auto& [id, inbox] : inboxes_) {
      if (subject::matches(inbox.subject, packet.target)) {
        const InboxId inbox_id = id;
        inbox.handler->on_inbox(inbox_id, packet.target,
                                {packet.subject, packet.reply, packet.header, packet.payload}, now);
        return;
      }
    }
  }
  bool deliver() {
    for (TwoWayHub::Reader& reader : hub_.readers) {
      Packet packet;
      if (reader.device == number_ && online && hub_.deliver(reader, packet)) {
        down_.push_back(packet);
        return true;
      }
    }
    return false;
  }
  void heartbeat() {
    for (const TwoWayHub::Reader& reader : hub_.readers) {
      if (reader.device == number_ && online && down_.empty() && hub_.left(reader) == 0) {
        down_.push_back({reader.deliver,
                         reader.deliver,
                         {},
                         "NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: " +
                             std::to_string(reader.sequence) + "\r\n\r\n",
                         {}});
      }
    }
  }
  std::size_t under_way() const { return up_.size() + down_.size(); }

 private:
  struct Inbox {
    std::string subject;
    InboxHandler* handler = nullptr;
  };
  TwoWayHub& hub_;
  const std::size_t number_;

 public:
  test::FakeStorage files;
  test::TestEntropy entropy;
  base::Clock clock;
  Instant now{std::chrono::seconds(1'700'000'000)};
  std::unique_ptr<store::Journal> journal;
  std::unique_ptr<store::DurabilityGate> gate;
  std::unique_ptr<DeadLetters> letters;
  std::unique_ptr<SyncContext> context;
  std::unique_ptr<stream::Streams> streams;
  std::unique_ptr<TwoWay> way;
  std::vector<Packet> told;  // Advisories and questions.
  bool online = false;
  bool denied = false;
  bool asked_is_there = false;  // An app answers conflicts.

 private:
  const std::string policy_;
  const std::int64_t history_;
  mutable std::string hub_id_;
  std::uint64_t inbox_ids_ = 0;
  std::map<InboxId, Inbox> inboxes_;
  std::deque<Packet> up_, down_;
};

/// A hub and its devices.
class TwoWayWorld {
 public:
  explicit TwoWayWorld(std::size_t count, const std::string& policy = {},
                       std::int64_t history = 1) {
    hub.per_subject = static_cast<std::uint64_t>(history);
    for (std::size_t i = 0; i < count; ++i) {
      devices.push_back(std::make_unique<TwoWayDevice>(hub, i, i % 2 == 0, policy, history));
    }
    pass(1);
  }
  TwoWayDevice& operator[](std::size_t i) { return *devices[i]; }
  void pass(std::int64_t ms) {
    now += std::chrono::milliseconds(ms);
    hub.now = WallTime(now.time_since_epoch());
    for (auto& device : devices) device->now = now;
  }
  /// Everything carried and committed, nothing due within the time.
  void rest(std::int64_t ms = 20'000) {
    for (std::int64_t step = 0; step < ms / 100; ++step) {
      for (int i = 0; i < 4000 && busy(); ++i) {
      }
      for (auto& device : devices) {
        device->tick();
        device->tick();
        CHECK((!device->way || device->way->next_deadline() > now));
      }
      pass(100);
      if (step % 10 == 0) {
        for (auto& device : devices) device->heartbeat();
      }
    }
  }
  bool busy() {
    bool any = false;
    for (auto& device : devices) {
      device->tick();
      device->commit();
      any = device->carry_up() || any;
      any = device->deliver() || any;
      any = device->carry_down() || any;
    }
    return any;
  }
  void connect() {
    for (auto& device : devices) device->connect();
  }
  std::string at_hub(const std::string& key) const {
    const TwoWayHub::Kept* kept = hub.value("$KV.a." + key);
    return kept == nullptr ? "" : is_delete_marker(kept->header) ? "-" : kept->payload;
  }
  /// A third client writes at the hub.
  void put(const std::string& key, const std::string& payload, const std::string& header = {}) {
    hub.publish("$KV.a." + key, header, payload);
  }

  TwoWayHub hub;
  Instant now{std::chrono::seconds(1'700'000'000)};
  std::vector<std::unique_ptr<TwoWayDevice>> devices;
};

inline const std::string del_marker = "NATS/1.0\r\nKV-Operation: DEL\r\n\r\n";
inline const std::string purge_marker =
    "NATS/1.0\r\nKV-Operation: PURGE\r\nNats-Rollup: sub\r\n\r\n";

}  // namespace frond::sync
