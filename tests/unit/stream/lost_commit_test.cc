// Streams that are made, deleted and made again while commits fail, are done in part or are cut by
// a crash: what the files say is what is so, and no message turns up in another stream of its name.

#include "rig.h"

using namespace frond;
using namespace frond::test;

namespace {

constexpr std::string_view config = R"({"name":"S","subjects":["s.*"]})";

struct Recorder final : stream::StreamsListener {
  void on_created(stream::Stream& s) override { log += "+" + s.config().name; }
  void on_updated(stream::Stream& s, const stream::StreamConfig&) override {
    log += "u" + s.config().name;
  }
  void on_deleted(stream::Stream& s) override { log += "-" + s.config().name; }
  std::string log;
};

void lose(Rig& rig, std::size_t done = 0) { REQUIRE(rig.lose_commit(done)); }

/// All payloads of S by sequence; "none" when there is no stream.
std::string view(Rig& rig) {
  stream::Stream* s = rig.streams->find("S");
  if (s == nullptr) return "none";
  std::string all;
  for (auto message = s->next_for({}, {1}); message;) {
    all += std::to_string(message->sequence.value) + std::string(message->payload) + " ";
    message = s->next_for({}, message->sequence.next());
  }
  return all;
}

void fill(Rig& rig, std::string_view payload, int count, bool commit_each = true) {
  stream::Stream& s = rig.streams->find("S") ? *rig.streams->find("S") : rig.make(config);
  for (int i = 0; i < count; ++i) {
    rig.publish(s, "s.x", payload);
    if (commit_each) rig.commit();
  }
}

}  // namespace

TEST_CASE("a deletion that failed: the stream is back, and stays with the commits that follow") {
  Rig rig(GENERATE(true, false));
  fill(rig, "old", 2);
  const std::string identity = rig.streams->find("S")->identity();
  Recorder recorder;
  rig.streams->set_listener(&recorder);
  CHECK_FALSE(rig.streams->remove("S", rig.now).error);
  lose(rig);
  CHECK(recorder.log == "-S+S");
  CHECK(view(rig) == "1old 2old ");
  rig.make(R"({"name":"T"})");
  rig.commit();
  CHECK(view(rig) == "1old 2old ");
  rig.open();
  CHECK(view(rig) == "1old 2old ");
  CHECK(rig.streams->find("S")->identity() == identity);
  rig.streams->remove("S", rig.now);
  rig.commit();
  rig.open();
  CHECK(view(rig) == "none");
  CHECK(rig.streams->find("T") != nullptr);
}

TEST_CASE("deleted and made again in commits that fail: the old one is back") {
  Rig rig(GENERATE(true, false));
  fill(rig, "old", 2);
  const std::string identity = rig.streams->find("S")->identity();
  rig.streams->remove("S", rig.now);
  const bool in_flight = GENERATE(true, false);
  const auto sealed = in_flight ? rig.journal->seal() : std::nullopt;
  fill(rig, "new", 1, false);
  if (sealed) {
    rig.journal->failed(sealed->ticket);
    rig.streams->reload_unsaved(rig.now);
  } else {
    lose(rig);
  }
  CHECK(view(rig) == "1old 2old ");
  fill(rig, "more", 1);
  CHECK(view(rig) == "1old 2old 3more ");
  rig.open();
  CHECK(view(rig) == "1old 2old 3more ");
  CHECK(rig.streams->find("S")->identity() == identity);
}

TEST_CASE("a deletion done in part is a deletion, and its rest never joins a new stream") {
  const bool appends = GENERATE(true, false);
  const std::size_t done = GENERATE(range(0, 7));
  INFO("operations done " << done);
  Rig rig(appends);
  fill(rig, "old", 4);
  rig.streams->remove("S", rig.now);
  lose(rig, done);
  const std::string after = view(rig);
  // With one copy of its config it is there, without it is not; its blocks follow the config.
  CHECK((done < 2 ? after == "1old 2old 3old 4old " : after == "none"));
  const bool restart = GENERATE(true, false);
  if (restart) {
    rig.open();
    CHECK(view(rig) == after);
  }
  if (after != "none") return;
  fill(rig, "new", 2);
  CHECK(view(rig) == "1new 2new ");
  rig.open();
  CHECK(view(rig) == "1new 2new ");
  CHECK(rig.streams->find("S")->state().first.value == 1);
  for (const auto& [path, contents] : rig.files.files) {
    if (path.find("/blocks/") != std::string::npos) {
      CHECK(contents.find("old") == std::string::npos);
    }
  }
}

TEST_CASE("a creation that failed leaves nothing that is written or removed again") {
  Rig rig(GENERATE(true, false));
  rig.make(R"({"name":"T"})");
  rig.commit();
  fill(rig, "new", 2, false);
  lose(rig);
  CHECK(view(rig) == "none");
  rig.publish(*rig.streams->find("T"), "T", "x");
  rig.streams->tick(rig.now);
  carry_out(*rig.journal, rig.files, [&rig](const CommitStorage& commit) {
    for (const FileOperation& operation : commit.operations) {
      const std::string& path =
          std::visit([](const auto& op) -> const std::string& { return op.path; }, operation);
      CHECK(path.starts_with("streams/T/"));
    }
    rig.streams->durable(commit.ticket, rig.now);
  });
  fill(rig, "again", 1);
  rig.open();
  CHECK(view(rig) == "1again ");
}

TEST_CASE("a creation that failed and was done in part is undone as far as it was done") {
  Rig rig(true);
  fill(rig, "new", 2, false);
  lose(rig, GENERATE(1, 2, 3));
  CHECK(view(rig) == "none");
  rig.commit();
  CHECK(rig.files.files.empty());
}

TEST_CASE("an update that failed is undone, in RAM and after a restart") {
  Rig rig(GENERATE(true, false));
  fill(rig, "a", 2);
  const std::size_t done = GENERATE(0, 1, 2);
  CHECK_FALSE(rig.streams
                  ->update("S",
                           stream::parse_stream_config(
                               R"({"name":"S","subjects":["s.*"],"description":"new"})")
                               .config,
                           rig.now)
                  .error);
  lose(rig, done);
  // What a host could not take back is taken over.
  const std::string said = rig.streams->find("S")->config().description;
  CHECK(said == (done == 0 ? "" : "new"));
  rig.publish(*rig.streams->find("S"), "s.x", "b");
  rig.commit();
  rig.open();
  CHECK(rig.streams->find("S")->config().description == said);
  CHECK(view(rig) == "1a 2a 3b ");
}

TEST_CASE("a purge that failed has removed nothing") {
  Rig rig(GENERATE(true, false));
  fill(rig, "a", 3);
  CHECK(rig.streams->find("S")->purge({}, rig.now) == 3);
  lose(rig);
  CHECK(view(rig) == "1a 2a 3a ");
  rig.open();
  CHECK(view(rig) == "1a 2a 3a ");
  CHECK(rig.streams->find("S")->purge({}, rig.now) == 3);
  rig.commit();
  rig.open();
  CHECK(view(rig) == "");
  CHECK(rig.streams->find("S")->state().last.value == 3);
}

TEST_CASE(
    "a crash after any operation of delete, create and publish leaves one stream's messages") {
  const bool appends = GENERATE(true, false);
  const bool one_commit = GENERATE(true, false);
  Rig rig(appends);
  fill(rig, "old", 12);
  const auto start = rig.files.files;
  std::vector<CommitStorage> commits;
  const auto gather = [&] {
    carry_out(*rig.journal, rig.files, [&](const CommitStorage& commit) {
      commits.push_back(commit);
      rig.streams->durable(commit.ticket, rig.now);
    });
  };
  rig.streams->remove("S", rig.now);
  if (!one_commit) gather();
  fill(rig, "new", 3, false);
  gather();
  const auto old_view = [&](const std::string& seen) {
    return seen.find("new") == std::string::npos && seen.find("12old") != std::string::npos;
  };
  auto files = start;
  for (const CommitStorage& commit : commits) {
    for (std::size_t done = 0; done <= commit.operations.size(); ++done) {
      INFO("operations done " << done);
      Rig after(appends);
      after.files.files = files;
      after.files.apply_part(commit, done, 0);
      after.open();
      const std::string seen = view(after);
      INFO(seen);
      CHECK((seen == "none" || seen.empty() || old_view(seen) || seen == "1new 2new 3new "));
      after.commit();
      after.open();
      CHECK(view(after) == seen);
      if (seen == "none") {
        CHECK(after.files.files.empty());
        fill(after, "third", 1);
        after.open();
        CHECK(view(after) == "1third ");
      }
    }
    FakeStorage whole(appends);
    whole.files = files;
    whole.apply(commit);
    files = whole.files;
  }
}

TEST_CASE("two folders that name one stream: the one of that name is it, the other is kept") {
  Rig rig;
  fill(rig, "a", 2);
  const auto original = rig.files.files;
  for (const auto& [path, contents] : original) {
    rig.files.files["streams/Copy" + path.substr(std::string("streams/S").size())] = contents;
  }
  const auto damaged = rig.open();
  REQUIRE(damaged.size() == 1);
  CHECK(damaged[0].path == "streams/Copy/meta.json");
  fill(rig, "b", 1);
  rig.open();
  CHECK(view(rig) == "1a 2a 3b ");
  CHECK(rig.files.files.contains("streams/Copy/meta.json"));
}

TEST_CASE("configs that changed places serve no message of each other") {
  Rig rig(GENERATE(true, false));
  fill(rig, "a", 2);
  stream::Stream& t = rig.make(R"({"name":"T","subjects":["t"]})");
  rig.publish(t, "t", "of T");
  rig.commit();
  for (const char* file : {"/meta.json", "/meta.json.2"}) {
    std::swap(rig.files.files[std::string("streams/S") + file],
              rig.files.files[std::string("streams/T") + file]);
  }
  const auto before = rig.files.files;
  CHECK_FALSE(rig.open().empty());
  CHECK(view(rig).empty());
  CHECK(rig.streams->find("T")->state().messages == 0);
  rig.commit();
  // Nothing was thrown away: put right, it is all there.
  for (const auto& [path, contents] : before) CHECK(rig.files.files.at(path) == contents);
}
