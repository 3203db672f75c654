// Whose a store directory is: locked by one process, and never written once its path names another.

#include "contract/directory_backend.h"
#include "contract/storage_contract.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>

using namespace frond;
using namespace frond::server;
using namespace frond::test;
namespace fs = std::filesystem;

namespace {

constexpr auto kNoPatience = std::chrono::milliseconds(0);

/// For a process of its own, which holds the directory until it is killed.
[[noreturn]] void race_for(const std::string& path, int result) {
  char outcome = '+';
  std::unique_ptr<StoreDirectory> held;
  try {
    held = std::make_unique<StoreDirectory>(path, kNoPatience);
  } catch (const StoreError&) {
    outcome = '-';
  }
  (void)!::write(result, &outcome, 1);
  for (;;) {
    ::pause();
  }
}

/// Tests may run as root, whom no permission stops.
class AsNobody {
 public:
  AsNobody() : before_(::geteuid()) { REQUIRE((before_ != 0 || ::seteuid(65534) == 0)); }
  ~AsNobody() { (void)!::seteuid(before_); }

 private:
  uid_t before_;
};

}  // namespace

TEST_CASE("directory: one owner at a time") {
  const TemporaryDirectory directory;
  {
    const StoreDirectory first(directory.path());
    CHECK_THROWS_AS(StoreDirectory(directory.path(), kNoPatience), StoreError);
  }
  CHECK_NOTHROW(StoreDirectory(directory.path()));
  CHECK_THROWS_AS(StoreDirectory("/proc/nothing/here"), StoreError);
}

TEST_CASE("directory: two names for one directory are one directory") {
  const TemporaryDirectory directory;
  const TemporaryDirectory beside;
  const std::string link = beside.path() + "/link";
  fs::create_directory_symlink(directory.path(), link);
  const StoreDirectory first(link);
  CHECK_THROWS_AS(StoreDirectory(directory.path(), kNoPatience), StoreError);
}

TEST_CASE(
    "directory: of many processes that race for it one gets it, and a killed one blocks none") {
  const TemporaryDirectory directory;
  for (int round = 0; round < 20; ++round) {
    std::array<int, 2> results{};
    REQUIRE(::pipe(results.data()) == 0);
    std::vector<pid_t> racers;
    for (int i = 0; i < 4; ++i) {
      const pid_t child = ::fork();
      REQUIRE(child >= 0);
      if (child == 0) {
        race_for(directory.path(), results[1]);
      }
      racers.push_back(child);
    }
    int owners = 0;
    for (std::size_t i = 0; i < racers.size(); ++i) {
      char outcome = '?';
      REQUIRE(::read(results[0], &outcome, 1) == 1);
      owners += outcome == '+' ? 1 : 0;
    }
    CHECK(owners == 1);
    for (const pid_t racer : racers) {
      ::kill(racer, SIGKILL);
      ::waitpid(racer, nullptr, 0);
    }
    ::close(results[0]);
    ::close(results[1]);
  }
  CHECK_NOTHROW(StoreDirectory(directory.path()));
}

TEST_CASE("directory: removed under its owner, it is lost and not made anew") {
  for (const SyncPolicy& policy : {SyncPolicy{}, kByInterval}) {
    DirectoryBackend backend(policy);
    REQUIRE(backend.commit({AppendFile{"streams/A/blocks/1", 0, "one"}}).empty());
    fs::remove_all(backend.root());
    // An open file would take the append all the same.
    const std::string error = backend.commit({AppendFile{"streams/A/blocks/1", 3, "two"}});
    CHECK(error.find("was removed or replaced") != std::string::npos);
    CHECK(backend.lost());
    CHECK_FALSE(fs::exists(backend.root()));
  }
}

TEST_CASE("directory: replaced under its owner, it is another's, and stays lost") {
  DirectoryBackend backend;
  REQUIRE(backend.commit({WriteFile{"s/meta.json", "{}"}, AppendFile{"s/log", 0, "one"}}).empty());
  const std::string away = backend.root() + "-away";
  fs::rename(backend.root(), away);
  fs::create_directories(backend.root());
  {
    const StoreDirectory second(backend.root());
    CommitExecutor executor(second, {});
    REQUIRE(executor.execute({AppendFile{"s/log", 0, "2"}}).empty());
    CHECK_FALSE(backend.commit({AppendFile{"s/log", 3, "late"}}).empty());
    CHECK_FALSE(backend.commit({RemoveFile{"s/log"}}).empty());
    CHECK(contract::contents(DirectoryReader(backend.root()), "s/log") == "2");
  }
  fs::remove_all(backend.root());
  fs::rename(away, backend.root());
  CHECK_FALSE(backend.commit({WriteFile{"s/meta.json", "{}"}}).empty());
  CHECK(contract::contents(DirectoryReader(backend.root()), "s/log") == "one");
}

TEST_CASE("directory: a lock that was replaced is lost with what it locked") {
  DirectoryBackend backend;
  REQUIRE(backend.commit({WriteFile{"a", "1"}}).empty());
  fs::remove(backend.root() + "/" + std::string(kLockName));
  const StoreDirectory second(backend.root());
  CHECK_FALSE(backend.commit({WriteFile{"a", "2"}}).empty());
  CHECK(backend.lost());
  CHECK(contract::contents(DirectoryReader(backend.root()), "a") == "1");
}

TEST_CASE("directory: a failure that is not the directory's own does not end it") {
  DirectoryBackend backend;
  CHECK_FALSE(backend.commit({AppendFile{"a", 9, "x"}}).empty());
  CHECK_FALSE(backend.lost());
  CHECK(backend.commit({AppendFile{"a", 0, "x"}}).empty());
}

TEST_CASE("directory: a lock that cannot be opened is an error, not a lock that is free") {
  const TemporaryDirectory directory;
  // Someone's link to a file of the operator's.
  fs::create_symlink("/etc/hostname", directory.path() + "/" + std::string(kLockName));
  CHECK_THROWS_AS(StoreDirectory(directory.path()), StoreError);
}

TEST_CASE("directory: what is there and cannot be read is told apart from what is not there") {
  const TemporaryDirectory directory;
  fs::create_directories(directory.path() + "/streams/A/blocks");
  std::ofstream(directory.path() + "/streams/A/meta.json") << "{}";
  std::ofstream(directory.path() + "/streams/A/blocks/1") << "x";
  {
    const DirectoryReader reader(directory.path());
    CHECK_FALSE(reader.read("streams/B/meta.json", 0, 9).has_value());
    CHECK_FALSE(reader.read("streams/A/meta.json/below", 0, 9).has_value());
    CHECK(reader.list("nothing/here").empty());
    CHECK(reader.failure().empty());
  }
  fs::permissions(directory.path(), fs::perms::all);
  fs::permissions(directory.path() + "/streams/A/blocks", fs::perms::none);
  const AsNobody rights;
  {
    const DirectoryReader reader(directory.path());
    reader.list("streams/");
    CHECK(reader.failure().find("Permission denied") != std::string::npos);
  }
  {
    const DirectoryReader reader(directory.path());
    CHECK_FALSE(reader.read("streams/A/blocks/1", 0, 9).has_value());
    CHECK(reader.failure() == "cannot open streams/A/blocks/1: Permission denied");
  }
}
