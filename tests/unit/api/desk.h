#pragma once
// The API over real streams and consumers on fake storage: ask() plays a client, commit() the host.

#include "api/dispatch.h"
#include "consumer/consumers.h"
#include "contract/fake_storage.h"
#include "store/durability_gate.h"
#include "store/journal.h"
#include "stream/streams.h"
#include "subject/match.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace frond::desk {

using Json = nlohmann::ordered_json;

struct Sent {
  std::string target, subject, reply, header, payload;
};

class Outbox : public base::Outlet {
 public:
  std::size_t send(std::string_view target, const base::Message& m) override {
    sent.push_back({std::string(target), std::string(m.subject), std::string(m.reply),
                    std::string(m.header), std::string(m.payload)});
    return 1;
  }
  bool has_interest(std::string_view subject) const override {
    return std::ranges::none_of(
        deaf, [&](const std::string& filter) { return subject::matches(filter, subject); });
  }
  base::Reach reach(std::string_view subject) const override {
    if (!has_interest(subject)) return base::Reach::nobody;
    return sent.size() < room ? base::Reach::ready : base::Reach::full;
  }
  std::vector<Sent> take(std::string_view target) {
    std::vector<Sent> out;
    for (Sent& s : std::exchange(sent, {})) {
      if (s.target == target) {
        out.push_back(std::move(s));
      }
    }
    return out;
  }
  std::vector<Sent> sent;
  std::vector<std::string> deaf;
  std::size_t room = ~std::size_t{0};  // So many messages may wait for their readers.
};

class Desk : public stream::StreamsListener {
 public:
  Desk() { open(); }

  void open() {
    api.reset();
    consumers.reset();
    streams.reset();
    gate.reset();
    journal = std::make_unique<store::Journal>();
    gate = std::make_unique<store::DurabilityGate>(*journal, outlet);
    streams =
        std::make_unique<stream::Streams>(*journal, files, entropy, stream::StreamsLimits{}, clock);
    consumers = std::make_unique<consumer::Consumers>(
        *streams, consumer::Environment{*journal, *gate, outlet, entropy, clock, "edge", "", false},
        files);
    api::ApiConfig config;
    config.domain = "edge";
    config.server_name = "phone";
    api = std::make_unique<api::Api>(
        api::Services{*streams, *consumers, *gate, outlet, entropy, clock}, config);
    streams->set_listener(this);
    CHECK(streams->recover(now).empty());
    damaged = consumers->recover(now);
    consumers->pump(now);
  }
  void commit() {
    while (const auto sealed = journal->seal()) {
      files.apply(*sealed);
      journal->completed(sealed->ticket);
      streams->durable(sealed->ticket, now);
      gate->release();
      consumers->pump(now);
      api->wake();
      api->pump();
    }
  }
  void fail() {
    const auto sealed = journal->seal();
    REQUIRE(sealed);
    const Ticket lost = journal->failed(sealed->ticket);
    gate->refuse(lost);
    streams->reload_unsaved(now);
    consumers->commit_failed(now);
    consumers->pump(now);
  }
  /// Sends without waiting for the disk.
  void send(const std::string& verb, const std::string& body = "", const std::string& header = "",
            const std::string& reply = "reply") {
    const std::string subject = "$JS.API." + verb;
    api->handle(subject, {subject, reply, header, body}, now);
    api->pump();
    consumers->pump(now);
  }
  Json ask(const std::string& verb, const std::string& body = "", const std::string& header = "") {
    send(verb, body, header);
    commit();
    const auto out = outlet.take("reply");
    REQUIRE(out.size() == 1);
    CHECK(out[0].header.empty());
    return Json::parse(out[0].payload);
  }
  /// "404/10059 stream not found" of an answer that is an error, else nothing.
  std::string error(const std::string& verb, const std::string& body = "",
                    const std::string& header = "") {
    const Json answer = ask(verb, body, header);
    if (!answer.contains("error")) {
      return {};
    }
    const Json& e = answer["error"];
    return std::to_string(e["code"].get<int>()) + "/" + std::to_string(e["err_code"].get<int>()) +
           " " + e["description"].get<std::string>();
  }
  void publish(const std::string& subject, const std::string& payload,
               const std::string& header = "") {
    for (stream::Stream* stream : streams->by_subject(subject)) {
      stream->ingest({subject, {}, header, payload}, now);
    }
    commit();
  }
  void later(Duration duration) {
    now += duration;
    consumers->pump(now);
  }

  void on_created(stream::Stream&) override {}
  void on_updated(stream::Stream&, const stream::StreamConfig&) override {}
  void on_deleted(stream::Stream& stream) override { consumers->stream_deleted(stream, now); }

  test::FakeStorage files{true};
  test::TestEntropy entropy{1};
  base::Clock clock;
  Outbox outlet;
  Instant now{std::chrono::seconds(1'700'000'000)};
  std::unique_ptr<store::Journal> journal;
  std::unique_ptr<store::DurabilityGate> gate;
  std::unique_ptr<stream::Streams> streams;
  std::unique_ptr<consumer::Consumers> consumers;
  std::unique_ptr<api::Api> api;
  std::vector<stream::Quarantined> damaged;
};

inline std::vector<std::string> keys(const Json& object) {
  std::vector<std::string> out;
  for (auto it = object.begin(); it != object.end(); ++it) {
    out.push_back(it.key());
  }
  return out;
}

}  // namespace frond::desk
