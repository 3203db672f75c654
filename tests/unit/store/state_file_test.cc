#include "store/state_file.h"

#include "store/checksum.h"
#include "support/commits.h"

#include <catch2/catch.hpp>

using namespace frond;
using store::StateFile;
using Condition = StateFile::Condition;

namespace {

struct Desk {
  explicit Desk(bool appends = true) : files(appends) {}

  StateFile file(std::string_view plain_start = "{") {
    return StateFile(journal, files, "s/x.state", plain_start);
  }
  void commit() { test::carry_out_one(journal, files); }
  void save(StateFile& file, std::string_view text) {
    file.save(text);
    commit();
  }
  /// A file that was saved so often, each time in a commit of its own.
  StateFile saved(std::initializer_list<const char*> texts) {
    StateFile made = file();
    for (const char* text : texts) save(made, text);
    return made;
  }
  std::string& first() { return files.files["s/x.state"]; }
  std::string& second() { return files.files["s/x.state.2"]; }

  test::FakeStorage files;
  store::Journal journal;
};

/// What a node that starts now reads.
StateFile::Copy read(Desk& desk) { return desk.file().load(); }

}  // namespace

TEST_CASE("state file: two files take turns, the newest is read") {
  Desk desk(GENERATE(true, false));
  StateFile file = desk.file();
  CHECK(file.load().condition == Condition::absent);
  for (std::uint64_t i = 1; i <= 4; ++i) {
    desk.save(file, "{" + std::to_string(i));
    CHECK(desk.files.files.size() == std::min<std::uint64_t>(i, 2));
    const StateFile::Copy copy = read(desk);
    CHECK(copy.condition == Condition::whole);
    CHECK(copy.generation == i);
    CHECK(copy.text == "{" + std::to_string(i));
  }
  // A later life goes on where this one was.
  StateFile later = desk.file();
  later.load();
  desk.save(later, "{5");
  CHECK(read(desk).generation == 5);
  CHECK(desk.first().ends_with("{5"));
  CHECK(desk.second().ends_with("{4"));
}

TEST_CASE("state file: a save is one write, saves of one commit share it") {
  Desk desk;
  StateFile file = desk.file();
  file.save("{1");
  file.save("{2");
  const auto commit = desk.journal.seal();
  REQUIRE(commit);
  CHECK(commit->operations.size() == 1);
  // The next one leaves alone what is in the air.
  file.save("{3");
  desk.files.apply(*commit);
  desk.journal.completed(commit->ticket);
  CHECK(read(desk).text == "{2");
  desk.commit();
  CHECK(read(desk).text == "{3");
  CHECK(desk.first().ends_with("{2"));
}

TEST_CASE("state file: any flipped bit and any cut leaves the predecessor") {
  Desk desk;
  desk.saved({"{one", "{two"});
  const std::string whole = desk.second();
  for (std::size_t at = 0; at < whole.size() * 8; ++at) {
    desk.second() = whole;
    desk.second()[at / 8] ^= static_cast<char>(1 << (at % 8));
    const StateFile::Copy copy = read(desk);
    CHECK(copy.condition == Condition::stale);
    CHECK(copy.text == "{one");
  }
  for (std::size_t size = 0; size < whole.size(); ++size) {
    desk.second() = whole.substr(0, size);
    CHECK(read(desk).condition == Condition::stale);
  }
  desk.files.files.erase("s/x.state.2");
  // The first save stands alone: what came after it cannot be known to have been.
  CHECK(read(desk).condition == Condition::whole);
  desk.second() = whole;
  desk.first() = "{";
  desk.files.files.erase("s/x.state");
  CHECK(read(desk).condition == Condition::stale);
  CHECK(read(desk).text == "{two");
}

TEST_CASE("state file: a damaged predecessor is doubt too, and the next save heals it") {
  Desk desk;
  desk.saved({"{1", "{2", "{3"});
  desk.second().back() ^= 1;
  StateFile later = desk.file();
  CHECK(later.load().condition == Condition::stale);
  desk.save(later, "{4");
  CHECK(read(desk).condition == Condition::whole);
  CHECK(read(desk).text == "{4");
  CHECK(desk.first().ends_with("{3"));
}

TEST_CASE("state file: both damaged is lost, not absent, and a save begins anew") {
  Desk desk;
  desk.saved({"{1", "{2", "{3"});
  desk.first()[9] ^= 4;
  desk.second()[9] ^= 4;
  StateFile later = desk.file();
  const StateFile::Copy copy = later.load();
  CHECK(copy.condition == Condition::lost);
  CHECK(copy.text.empty());
  desk.save(later, "{new");
  CHECK(read(desk).condition == Condition::whole);
  CHECK(read(desk).text == "{new");
  CHECK(desk.files.files.size() == 1);
}

TEST_CASE("state file: copies that are in each other's place or far apart are doubt") {
  Desk desk;
  StateFile file = desk.saved({"{1", "{2", "{3"});
  const std::string third = desk.first();
  std::swap(desk.first(), desk.second());
  CHECK(read(desk).condition == Condition::lost);
  std::swap(desk.first(), desk.second());
  for (const char* text : {"{4", "{5", "{6"}) desk.save(file, text);
  desk.first() = third;  // As a restored backup of one file leaves it.
  CHECK(read(desk).condition == Condition::stale);
  CHECK(read(desk).text == "{6");
}

TEST_CASE("state file: a failed commit does not shift the turns") {
  Desk desk;
  StateFile file = desk.saved({"{1", "{2"});
  const bool applied = GENERATE(true, false);
  file.save("{3");
  const auto lost = desk.journal.seal();
  file.save("{4");
  if (applied) desk.files.apply(*lost);  // A host that could not undo what it had done.
  desk.journal.failed(lost->ticket);
  file.save("{5");
  const auto next = desk.journal.seal();
  REQUIRE(next);
  // Until it is durable the newest whole copy stays where it is.
  CHECK(std::get<WriteFile>(next->operations.at(0)).path ==
        (applied ? "s/x.state.2" : "s/x.state"));
  CHECK(read(desk).text == (applied ? "{3" : "{2"));
  desk.files.apply(*next);
  desk.journal.completed(next->ticket);
  CHECK(read(desk).condition == Condition::whole);
  CHECK(read(desk).text == "{5");
}

TEST_CASE("state file: removed is absent, also when the first removal failed") {
  Desk desk;
  StateFile file = desk.saved({"{1", "{2"});
  file.remove();
  const auto lost = desk.journal.seal();
  REQUIRE(lost);
  desk.journal.failed(lost->ticket);
  CHECK(read(desk).text == "{2");
  file.remove();
  desk.commit();
  CHECK(desk.files.files.empty());
  CHECK(read(desk).condition == Condition::absent);
  file.remove();
  CHECK_FALSE(desk.journal.pending());
  desk.save(file, "{3");
  CHECK(read(desk).generation == 1);
}

TEST_CASE("state file: a plain file of an earlier build is read and becomes the predecessor") {
  Desk desk;
  desk.first() = "{plain";
  StateFile file = desk.file();
  const StateFile::Copy copy = file.load();
  CHECK(copy.condition == Condition::whole);
  CHECK(copy.text == "{plain");
  desk.save(file, "{new");
  CHECK(desk.first() == "{plain");
  CHECK(read(desk).text == "{new");
  CHECK(read(desk).condition == Condition::whole);
  desk.first() = "rotten";
  CHECK(read(desk).condition == Condition::stale);
  // Only in the first place, and only what begins as a plain one does.
  desk.second() = "{plain";
  CHECK(read(desk).condition == Condition::lost);
}

TEST_CASE("state file: a later version is told, a wrong bit in the digit is damage") {
  Desk desk;
  desk.saved({"{1", "{2"});
  std::string& newest = desk.second();
  newest[3] = '3';
  CHECK(read(desk).text == "{1");
  CHECK(desk.journal.newer_file().empty());
  // Its checksum is of all but itself.
  const std::uint32_t sum = store::crc32c(newest.substr(0, 4) + newest.substr(8));
  for (std::size_t i = 0; i < 4; ++i) newest[4 + i] = static_cast<char>(sum >> (8 * i));
  read(desk);
  CHECK(desk.journal.newer_file() == "s/x.state.2");
  StateFile file = desk.file();
  file.save("{3");
  CHECK_FALSE(desk.journal.seal());
}

TEST_CASE("state file: the owner of a file's path") {
  CHECK(StateFile::owner_of("s/x.state") == "s/x.state");
  CHECK(StateFile::owner_of("s/x.state.2") == "s/x.state");
}
