// Streams against a simple model under random operations, commits, crashes in the middle of a
// commit and restarts, on both kinds of host. After each restart the stream must be exactly what
// the last durable commit made it, or, when the crash came late enough, what the interrupted one
// would have made it: never something between, never a sequence used twice.

#include "stream/config_json.h"
#include "stream/streams.h"
#include "support/fake_storage.h"

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>

using namespace frond;
using namespace frond::test;

namespace {

struct Kept {
  std::string subject;
  std::string payload;
  std::string id;
  bool operator==(const Kept&) const = default;
};

struct Model {
  std::map<std::uint64_t, Kept> messages;
  std::uint64_t last = 0;
  bool operator==(const Model&) const = default;
};

constexpr std::size_t per_subject_max = 8;
constexpr std::size_t messages_max = 150;
constexpr std::string_view config =
    R"({"name":"S","subjects":["s.*"],"max_msgs_per_subject":8,"max_msgs":150,)"
    R"("duplicate_window":3600000000000})";

class Run {
 public:
  Run(bool appends, std::uint64_t seed) : files_(appends), random_(seed) {
    open();
    streams_->create(stream::parse_stream_config(config).config, now_);
    seal_and_complete();
  }

  void step() {
    now_ += std::chrono::milliseconds(random_.below(50));
    const std::uint64_t dice = random_.below(100);
    if (dice < 70) {
      publish();
    } else if (dice < 74) {
      erase();
    } else if (dice < 76) {
      purge();
    } else if (dice < 78) {
      streams_->tick(now_);
    } else if (dice < 88) {
      seal();
    } else if (dice < 98) {
      complete();
    } else if (dice < 99) {
      fail();
    } else {
      crash();
    }
  }

  void finish() {
    seal_and_complete();
    open();
    REQUIRE(dump() == model_);
  }

 private:
  stream::Stream& stream() { return *streams_->find("S"); }

  void open() {
    streams_.reset();
    journal_ = std::make_unique<store::Journal>();
    streams_ = std::make_unique<stream::Streams>(*journal_, files_, random_,
                                                 stream::StreamsLimits{}, clock_);
    REQUIRE(streams_->recover(now_).empty());
    in_flight_.reset();
  }

  void publish() {
    const std::string subject = "s." + std::to_string(random_.below(40));
    const std::uint64_t size = random_.below(20) == 0 ? 60'000 : random_.below(200);
    const std::string payload(size, static_cast<char>('a' + random_.below(26)));
    // Now and then an id that was used before.
    const std::string id = random_.below(4) == 0 && ids_ > 0 ? std::to_string(random_.below(ids_))
                                                             : std::to_string(ids_++);
    const std::string header = "NATS/1.0\r\nNats-Msg-Id: " + id + "\r\n\r\n";
    const stream::IngestResult result = stream().ingest({subject, {}, header, payload}, now_);
    REQUIRE_FALSE(result.error);
    if (result.duplicate) {
      REQUIRE(result.sequence.value <= model_.last);
      return;
    }
    for (const auto& [sequence, kept] : model_.messages) {
      REQUIRE(kept.id != id);
    }
    REQUIRE(result.sequence.value == model_.last + 1);
    model_.last = result.sequence.value;
    model_.messages[model_.last] = {subject, payload, id};
    limit(subject);
  }

  void limit(const std::string& subject) {
    std::vector<std::uint64_t> own;
    for (const auto& [sequence, kept] : model_.messages) {
      if (kept.subject == subject) {
        own.push_back(sequence);
      }
    }
    if (own.size() > per_subject_max) {
      model_.messages.erase(own.front());
    }
    while (model_.messages.size() > messages_max) {
      model_.messages.erase(model_.messages.begin());
    }
  }

  void erase() {
    const std::uint64_t sequence = 1 + random_.below(model_.last + 1);
    REQUIRE(stream().erase({sequence}, now_) == (model_.messages.erase(sequence) == 1));
  }

  void purge() {
    if (random_.below(10) == 0) {
      REQUIRE(stream().purge({}, now_) == model_.messages.size());
      model_.messages.clear();
      return;
    }
    const std::string subject = "s." + std::to_string(random_.below(40));
    const auto purged = stream().purge({.filter = subject, .before = {}, .keep = 0}, now_);
    REQUIRE(purged == std::erase_if(model_.messages, [&](const auto& one) {
              return one.second.subject == subject;
            }));
  }

  void seal() {
    if (in_flight_) {
      return;
    }
    in_flight_ = journal_->seal();
    sealed_ = model_;
  }

  void complete() {
    if (!in_flight_) {
      return;
    }
    files_.apply(*in_flight_);
    journal_->completed(in_flight_->ticket);
    streams_->durable(in_flight_->ticket, now_);
    in_flight_.reset();
    durable_ = sealed_;
    REQUIRE(stream().durable_last().value == durable_.last);
  }

  void seal_and_complete() {
    complete();
    seal();
    complete();
  }

  void fail() {
    if (!in_flight_) {
      return;
    }
    journal_->failed(in_flight_->ticket);
    in_flight_.reset();
    streams_->reload_unsaved(now_);
    model_ = durable_;
    REQUIRE(dump() == model_);
  }

  void crash() {
    const auto before = durable_;
    if (in_flight_) {
      if (files_.appends()) {
        files_.apply_part(*in_flight_, random_.below(in_flight_->operations.size() + 1),
                          random_.below(3000));
      } else if (random_.below(2) == 0) {
        files_.apply(*in_flight_);
      }
    }
    const bool was_in_flight = in_flight_.has_value();
    open();
    const Model found = dump();
    if (found == before) {
      model_ = before;
    } else {
      REQUIRE(was_in_flight);
      REQUIRE(found == sealed_);
      model_ = sealed_;
    }
    durable_ = model_;
    if (const auto cleaning = journal_->seal()) {
      files_.apply(*cleaning);
      journal_->completed(cleaning->ticket);
      streams_->durable(cleaning->ticket, now_);
    }
  }

  Model dump() {
    Model found;
    found.last = stream().state().last.value;
    std::uint64_t from = 0;
    while (const auto message = stream().next_for({}, {from})) {
      std::string id(message->header.substr(23));
      id.resize(id.size() - 4);
      found.messages[message->sequence.value] = {std::string(message->subject),
                                                 std::string(message->payload), id};
      from = message->sequence.value + 1;
    }
    REQUIRE(stream().state().messages == found.messages.size());
    return found;
  }

  FakeStorage files_;
  TestEntropy random_;
  base::Clock clock_;
  Instant now_{std::chrono::seconds(1'700'000'000)};
  std::unique_ptr<store::Journal> journal_;
  std::unique_ptr<stream::Streams> streams_;
  std::optional<CommitStorage> in_flight_;
  Model model_;
  Model sealed_;
  Model durable_;
  std::uint64_t ids_ = 0;
};

}  // namespace

TEST_CASE("random operations, crashes and restarts agree with the model") {
  const bool appends = GENERATE(true, false);
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    INFO("appends " << appends << " seed " << seed);
    Run run(appends, seed);
    for (int i = 0; i < 1500; ++i) {
      run.step();
    }
    run.finish();
  }
}
