// The power is cut at every single write step of a scripted workload, on both models of a disk: a
// directory, which keeps a beginning of the steps and tears an append at any byte, and IndexedDB,
// which keeps all of a transaction or nothing. After each cut every stream must be what the last
// durable commit made it or what the interrupted one would have: all that was acknowledged is
// there, in order, under its ids, and nothing unacknowledged is half there.

#include "unit/stream/rig.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <string>

using namespace frond;
using namespace frond::test;

namespace {

constexpr std::string_view streams[] = {"LOG", "KV", "WORK"};

/// All that a stream shows; "(none)" when there is none.
std::string shown(Rig& rig, std::string_view name) {
  stream::Stream* const stream = rig.streams->find(name);
  if (stream == nullptr) return "(none)";
  std::string text = std::to_string(stream->state().last.value);
  StreamSeq from{1};
  while (const auto message = stream->next_for({}, from)) {
    text += "\n" + std::to_string(message->sequence.value) + " " + std::string(message->subject) +
            " " + std::string(message->header) + std::string(message->payload.substr(0, 20)) + " " +
            std::to_string(message->payload.size());
    from = message->sequence.next();
  }
  return text;
}

using Shown = std::map<std::string, std::string, std::less<>>;

Shown all_shown(Rig& rig) {
  Shown all;
  for (const std::string_view name : streams) all.emplace(name, shown(rig, name));
  return all;
}

bool removes_stream(const CommitStorage& commit) {
  return std::ranges::any_of(commit.operations, [](const FileOperation& operation) {
    const auto* remove = std::get_if<RemoveFile>(&operation);
    return remove != nullptr && remove->path.ends_with("/meta.json");
  });
}

class Workload {
 public:
  explicit Workload(bool appends) : rig_(appends) {}

  void run() {
    rig_.create(R"({"name":"LOG","subjects":["log.*"],"max_msgs":40})");
    rig_.create(R"({"name":"KV","subjects":["kv.*"],"max_msgs_per_subject":1,)"
                R"("allow_rollup_hdrs":true})");
    cut();
    for (int round = 0; round < 30; ++round) {
      publish("LOG", "log." + std::to_string(round % 3), round, 40);
      if (round % 2 == 0) publish("KV", "kv." + std::to_string(round % 5), round, 100);
      // A block that gets a summary where whole files are stored.
      if (round % 9 == 4) publish("LOG", "log.big", round, 70'000);
      if (round % 7 == 3) stream("LOG").erase({stream("LOG").state().last.value - 1}, rig_.now);
      if (round % 11 == 6)
        stream("KV").purge({.filter = "kv.2", .before = {}, .keep = 0}, rig_.now);
      if (round == 12) rig_.create(R"({"name":"WORK","subjects":["work.*"]})");
      if (round > 12 && round != 22) publish("WORK", "work.x", round, 10);
      if (round == 22) rig_.streams->remove("WORK", rig_.now);
      if (round == 23) rig_.create(R"({"name":"WORK","subjects":["work.*"]})");
      if (round == 26) stream("LOG").purge({.filter = {}, .before = {20}, .keep = 0}, rig_.now);
      if (round == 27) rig_.publish(stream("KV"), "kv.1", "rolled", "Nats-Rollup: all");
      rig_.now += std::chrono::seconds(20);
      if (round % 5 == 4) rig_.streams->tick(rig_.now);  // What merges and compacts.
      cut();
    }
  }

  int cuts() const { return cuts_; }

 private:
  stream::Stream& stream(std::string_view name) {
    stream::Stream* const found = rig_.streams->find(name);
    REQUIRE(found != nullptr);
    return *found;
  }

  void publish(std::string_view name, const std::string& subject, int round, std::size_t size) {
    if (rig_.streams->find(name) == nullptr) return;
    const std::string id = "Nats-Msg-Id: " + std::string(name) + std::to_string(round);
    REQUIRE_FALSE(rig_.publish(stream(name), subject, std::string(size, 'p'), id).error);
  }

  /// All that has gathered is carried out, commit by commit, with a cut at each step of each.
  void cut() {
    while (auto commit = rig_.journal->seal()) {
      const auto before = rig_.files.files;
      const Shown wanted = all_shown(rig_);
      for (std::size_t whole = 0; whole <= commit->operations.size(); ++whole) {
        if (!rig_.files.appends()) {
          if (whole == 0 || whole == commit->operations.size())
            check(before, *commit, whole, 0, wanted);
          continue;
        }
        std::uint64_t bytes = 0;
        if (whole < commit->operations.size()) {
          const auto* append = std::get_if<AppendFile>(&commit->operations[whole]);
          bytes = append == nullptr ? 0 : append->contents.size();
        }
        const std::uint64_t step = 1 + bytes / 40;
        for (std::uint64_t at = 0; at <= bytes; at += step)
          check(before, *commit, whole, at, wanted);
      }
      rig_.files.files = before;
      rig_.files.apply(*commit);
      rig_.journal->completed(commit->ticket);
      rig_.streams->durable(commit->ticket, rig_.now);
      durable_ = wanted;
    }
  }

  void check(const std::map<std::string, std::string, std::less<>>& before,
             const CommitStorage& commit, std::size_t whole, std::uint64_t bytes,
             const Shown& wanted) {
    ++cuts_;
    INFO("cut " << cuts_ << ": " << whole << " of " << commit.operations.size() << " steps and "
                << bytes << " bytes");
    Rig after(rig_.files.appends());
    after.now = rig_.now;
    after.files.files = before;
    after.files.apply_part(commit, whole, bytes);
    // Of a stream that is being deleted one copy of its config may be left, which is told.
    const bool told = !after.open().empty();
    REQUIRE((!told || removes_stream(commit)));
    for (const std::string_view name : streams) {
      const std::string found = shown(after, name);
      INFO(name);
      if (found != durable_[std::string(name)]) REQUIRE(found == wanted.at(std::string(name)));
      if (found == "(none)") continue;
      // It goes on behind what was there.
      stream::Stream& stream = *after.streams->find(name);
      const StreamSeq last = stream.state().last;
      const std::string subject = std::string(stream.config().subjects.front());
      const auto published =
          after.publish(stream, subject.substr(0, subject.find('*')) + "new", "new");
      REQUIRE_FALSE(published.error);
      REQUIRE(published.sequence == last.next());
    }
    after.commit();
    const Shown gone_on = all_shown(after);
    const bool told_again = !after.open().empty();
    REQUIRE((!told_again || told));
    REQUIRE(all_shown(after) == gone_on);
  }

  Rig rig_;
  Shown durable_{{"LOG", "(none)"}, {"KV", "(none)"}, {"WORK", "(none)"}};
  int cuts_ = 0;
};

}  // namespace

TEST_CASE("a power cut at any write step leaves each stream before the commit or behind it") {
  const bool appends = GENERATE(true, false);
  CAPTURE(appends);
  Workload workload(appends);
  workload.run();
  CHECK(workload.cuts() > (appends ? 1'000 : 60));
}
