#include "contract/directory_backend.h"
#include "contract/storage_contract.h"

#include "server/disk/commit_writer.h"

#include <filesystem>
#include <fstream>

using namespace frond;
using namespace frond::server;
using namespace frond::test;
namespace fs = std::filesystem;

namespace {

std::size_t scratch_files(const std::string& root) {
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    count += entry.path().filename().native().starts_with(kScratchPrefix) ? 1 : 0;
  }
  return count;
}

}  // namespace

TEST_CASE("directory: the contract of every storage") {
  for (const SyncPolicy& policy : {SyncPolicy{}, kByInterval}) {
    {
      DirectoryBackend backend(policy);
      contract::check_whole_files(backend);
      CHECK(scratch_files(backend.root()) == 0);
    }
    {
      DirectoryBackend backend(policy);
      contract::check_removal(backend);
      CHECK(scratch_files(backend.root()) == 0);
    }
    {
      DirectoryBackend backend(policy);
      contract::check_appends(backend);
    }
  }
}

TEST_CASE("directory: a failed commit leaves the files as they were") {
  for (const SyncPolicy& policy : {SyncPolicy{}, kByInterval}) {
    DirectoryBackend backend(policy);
    contract::check_failure(backend, [&](std::vector<FileOperation> operations) {
      // An append behind the end of a file cannot be carried out.
      operations.push_back(AppendFile{"s/log", 1000, "far"});
      const std::string error = backend.commit(operations);
      CHECK(error.find("s/log") != std::string::npos);
    });
    contract::check_failure(backend, [&](std::vector<FileOperation> operations) {
      // Nor can a file be made below a file.
      operations.push_back(WriteFile{"s/a/below", "x"});
      CHECK_FALSE(backend.commit(operations).empty());
    });
    CHECK(scratch_files(backend.root()) == 0);
  }
}

TEST_CASE("directory: emptied folders go, the root stays") {
  DirectoryBackend backend;
  REQUIRE(backend.commit({WriteFile{"streams/A/blocks/1", "x"}, WriteFile{"streams/B/m", "y"}})
              .empty());
  REQUIRE(backend.commit({RemoveFile{"streams/A/blocks/1"}}).empty());
  CHECK_FALSE(fs::exists(backend.root() + "/streams/A"));
  CHECK(fs::exists(backend.root() + "/streams/B"));
  REQUIRE(backend.commit({RemoveFile{"streams/B/m"}}).empty());
  CHECK(fs::exists(backend.root()));
}

TEST_CASE("directory: what a crash left half written is neither seen nor kept") {
  const TemporaryDirectory directory;
  fs::create_directories(directory.path() + "/streams/A");
  std::ofstream(directory.path() + "/streams/A/.~7") << "half";
  std::ofstream(directory.path() + "/streams/A/meta.json") << "{}";
  const DirectoryReader early(directory.path());
  CHECK(contract::paths(early, "") == std::vector<std::string>{"streams/A/meta.json:2"});
  const StoreDirectory store(directory.path());
  CHECK(scratch_files(directory.path()) == 0);
  CHECK(contract::paths(early, "") == std::vector<std::string>{"streams/A/meta.json:2"});
}

TEST_CASE("directory: more files than are kept open") {
  DirectoryBackend backend;
  std::vector<FileOperation> many;
  for (int i = 0; i < 300; ++i) {
    many.push_back(AppendFile{"b/" + std::to_string(i), 0, std::to_string(i)});
  }
  REQUIRE(backend.commit(many).empty());
  for (int i = 0; i < 300; ++i) {
    CHECK(contract::contents(backend.files(), "b/" + std::to_string(i)) == std::to_string(i));
  }
  REQUIRE(backend.commit({AppendFile{"b/0", 1, "!"}}).empty());
  CHECK(contract::contents(backend.files(), "b/0") == "0!");
}

TEST_CASE("writer: results come back in order, and the queue is finished at the end") {
  const TemporaryDirectory directory;
  const StoreDirectory store(directory.path());
  std::vector<std::uint64_t> tickets;
  std::vector<std::string> errors;
  {
    CommitWriter writer(
        store, {},
        [&](CommitStorage commit, std::string error) {
          tickets.push_back(static_cast<std::uint64_t>(commit.ticket));
          errors.push_back(std::move(error));
        },
        [](std::string) {});
    writer.submit({Ticket{1}, {AppendFile{"a", 0, "1"}}});
    writer.submit({Ticket{2}, {AppendFile{"a", 9, "2"}}});
    writer.submit({Ticket{3}, {AppendFile{"a", 1, "3"}}});
  }
  CHECK(tickets == std::vector<std::uint64_t>{1, 2, 3});
  REQUIRE(errors.size() == 3);
  CHECK(errors[0].empty());
  CHECK_FALSE(errors[1].empty());
  CHECK(errors[2].empty());
  CHECK(contract::contents(DirectoryReader(directory.path()), "a") == "13");
}
