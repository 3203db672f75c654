#pragma once
// A directory of a test's own, and what the native host makes of a directory: the lock, the
// executor of commits and the reader, joined as node_store joins them.

#include "server/disk/commit_executor.h"
#include "server/disk/directory_reader.h"
#include "server/disk/store_directory.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

namespace frond::test {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "frond-storage-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Directory, executor and reader as the host joins them.
class DirectoryBackend {
 public:
  explicit DirectoryBackend(server::SyncPolicy policy = {})
      : store_(directory_.path()), executor_(store_, policy), reader_(store_.inside()) {}

  const StorageReader& files() const { return reader_; }
  std::string commit(const std::vector<FileOperation>& operations) {
    std::string error = executor_.execute(operations);
    for (const FileOperation& operation : operations) {
      if (!std::holds_alternative<AppendFile>(operation) || !error.empty()) {
        reader_.forget(std::visit([](const auto& one) { return one.path; }, operation));
      }
    }
    return error;
  }
  bool lost() const { return executor_.lost(); }
  const std::string& root() const { return directory_.path(); }

 private:
  TemporaryDirectory directory_;
  server::StoreDirectory store_;
  server::CommitExecutor executor_;
  server::DirectoryReader reader_;
};

inline const server::SyncPolicy kByInterval{std::chrono::minutes(2)};

}  // namespace frond::test
