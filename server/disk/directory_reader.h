#pragma once
// The engine's view of its directory (StorageReader): reads on the loop's thread what commits have
// made durable. Open files are kept for the next read of the same block; forget() drops them when a
// commit has replaced or removed the file.

#include "server/disk/descriptors.h"

#include <frond/host.h>

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace frond::server {

class DirectoryReader : public StorageReader {
 public:
  /// Reads below `root`, which need not exist.
  explicit DirectoryReader(std::string root);
  ~DirectoryReader() override;
  DirectoryReader(const DirectoryReader&) = delete;
  DirectoryReader& operator=(const DirectoryReader&) = delete;

  std::vector<FileInfo> list(std::string_view prefix) const override;
  std::optional<std::string> read(std::string_view path, std::uint64_t offset,
                                  std::uint64_t length) const override;
  bool appends() const override { return true; }
  bool persistent() const override { return true; }

  /// The file under this path is no longer the one that was opened.
  void forget(std::string_view path);

  /// The first thing that was there and could not be read, or empty: what the engine was told is
  /// not there may be there. Looked at after it has recovered, before anything is written.
  const std::string& failure() const { return failure_; }

 private:
  struct Open {
    std::string path;
    int file;
  };
  /// -1 when it cannot be opened.
  int open(std::string_view path) const;

  void note_failure(std::string_view what, std::string_view path, int error) const;

  std::string root_;
  const std::size_t files_max_ = descriptor_shares().files_read;
  mutable std::string failure_;
  mutable std::list<Open> recent_;  // Most recently read first.
  mutable std::unordered_map<std::string, std::list<Open>::iterator> by_path_;
};

/// What a node without JetStream reads: nothing.
class NoFiles : public StorageReader {
 public:
  std::vector<FileInfo> list(std::string_view) const override { return {}; }
  std::optional<std::string> read(std::string_view, std::uint64_t, std::uint64_t) const override {
    return std::nullopt;
  }
  bool appends() const override { return true; }
  bool persistent() const override { return false; }
};

}  // namespace frond::server
