#include "store/journal.h"

#include "support/fake_storage.h"

#include <catch2/catch.hpp>

using namespace frond;
using store::Journal;

namespace {

/// "w path=contents", "a path@offset=contents", "r path", in order.
std::vector<std::string> told(const std::optional<CommitStorage>& commit) {
  std::vector<std::string> lines;
  if (!commit) return lines;
  for (const FileOperation& operation : commit->operations) {
    if (const auto* write = std::get_if<WriteFile>(&operation)) {
      lines.push_back("w " + write->path + "=" + write->contents);
    } else if (const auto* append = std::get_if<AppendFile>(&operation)) {
      lines.push_back("a " + append->path + "@" + std::to_string(append->offset) + "=" +
                      append->contents);
    } else {
      lines.push_back("r " + std::get<RemoveFile>(operation).path);
    }
  }
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("journal: operations of one commit are joined by path and keep their order") {
  Journal journal;
  CHECK_FALSE(journal.pending());
  CHECK_FALSE(journal.seal());
  journal.write("x", "1");
  journal.write("y", "1");
  journal.write("x", "2");
  journal.append("z", 10, "ab");
  journal.append("z", 12, "cd");
  journal.append("z", 20, "gap");
  journal.append("x", 1, "3");
  journal.append("x", 9, "gap");
  journal.remove("y");
  journal.remove("y");
  journal.write("y", "again");
  CHECK(journal.pending());
  CHECK(told(journal.seal()) ==
        Lines{"w x=23", "w y=1", "a z@10=abcd", "a z@20=gap", "a x@9=gap", "r y", "w y=again"});
}

TEST_CASE("journal: one commit in flight, tickets grow by one") {
  Journal journal;
  const Ticket first = journal.open_ticket();
  journal.write("x", "1");
  const auto commit = journal.seal();
  REQUIRE(commit);
  CHECK(commit->ticket == first);
  CHECK(journal.in_flight());
  CHECK(static_cast<std::uint64_t>(journal.open_ticket()) == static_cast<std::uint64_t>(first) + 1);
  journal.write("x", "2");
  CHECK_FALSE(journal.seal());
  CHECK_FALSE(journal.is_durable(first));
  journal.completed(first);
  CHECK(journal.is_durable(first));
  CHECK_FALSE(journal.is_durable(journal.open_ticket()));
  CHECK(told(journal.seal()) == Lines{"w x=2"});
}

TEST_CASE("journal: a failed commit takes with it what was recorded since") {
  Journal journal;
  journal.write("x", "1");
  struct Client final : store::JournalClient {
    void before_seal() override { FAIL("asked for what is lost"); }
  } client;
  const auto commit = journal.seal();
  journal.write("y", "2");
  journal.announce(client);
  const Ticket open = journal.open_ticket();
  CHECK(journal.failures() == 0);
  CHECK(journal.failed(commit->ticket) == open);
  CHECK(journal.failures() == 1);
  CHECK_FALSE(journal.pending());
  CHECK_FALSE(journal.in_flight());
  // A ticket that was lost is never given out again.
  CHECK(journal.open_ticket() > open);
  // Nothing of the lost commit is joined to what comes.
  journal.append("x", 1, "b");
  CHECK(told(journal.seal()) == Lines{"a x@1=b"});
}

TEST_CASE("journal: who announced is asked once, and may announce again for the next commit") {
  struct Client final : store::JournalClient {
    void before_seal() override {
      ++asked;
      journal->write("c", std::to_string(asked));
      if (asked == 1) journal->announce(*this);
    }
    Journal* journal = nullptr;
    int asked = 0;
  };
  Journal journal;
  Client client;
  client.journal = &journal;
  Client gone = client;
  Client idle = client;
  journal.write("x", "1");
  CHECK(journal.seal());
  CHECK(client.asked == 0);
  journal.completed(Ticket{1});
  journal.announce(gone);
  journal.announce(client);
  journal.announce(client);
  journal.withdraw(gone);
  CHECK(journal.pending());
  CHECK(told(journal.seal()) == Lines{"w c=1"});
  CHECK(journal.pending());
  journal.completed(Ticket{2});
  CHECK(told(journal.seal()) == Lines{"w c=2"});
  CHECK_FALSE(journal.pending());
  CHECK(gone.asked + idle.asked == 0);
}

TEST_CASE("journal: remove_all knows files that are there, in the air and recorded") {
  test::FakeStorage files(true);
  files.files = {{"s/A/1", "x"}, {"s/A/2", "x"}, {"s/AB/1", "x"}};
  Journal journal;
  journal.write("s/A/3", "in the air");
  journal.remove("s/A/2");
  const auto commit = journal.seal();
  journal.write("s/A/4", "recorded");
  journal.append("s/A/1", 1, "recorded");
  journal.write("s/AB/2", "another's");
  journal.remove_all(files, "s/A/");
  journal.write("s/A/5", "after");
  files.apply(*commit);
  journal.completed(commit->ticket);
  const auto next = journal.seal();
  REQUIRE(next);
  files.apply(*next);
  CHECK(files.files.size() == 3);
  CHECK(files.files.contains("s/A/5"));
  CHECK(files.files.contains("s/AB/1"));
  CHECK(files.files.contains("s/AB/2"));
  for (const std::string& line : told(next)) CHECK(line.find("recorded") == std::string::npos);
}

TEST_CASE("journal: a removal recorded before remove_all stays") {
  test::FakeStorage files(true);
  Journal journal;
  journal.remove("s/A/1");
  journal.remove_all(files, "s/A/");
  CHECK(told(journal.seal()) == Lines{"r s/A/1"});
}
