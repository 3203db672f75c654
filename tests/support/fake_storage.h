#pragma once
// Storage in RAM for tests: carries out commits as a host does, and can stop in the middle of one
// as a crash does. `appends` chooses between the two kinds of host: a directory (appended, a crash
// leaves a part of the operations and tears the last) and IDBFS (whole files, all or nothing).

#include <frond/host.h>
#include <frond/output.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace frond::test {

class FakeStorage final : public StorageReader {
 public:
  explicit FakeStorage(bool appends) : appends_(appends) {}

  std::vector<FileInfo> list(std::string_view prefix) const override {
    std::vector<FileInfo> found;
    for (auto at = files.lower_bound(prefix); at != files.end() && at->first.starts_with(prefix);
         ++at) {
      found.push_back({at->first, at->second.size()});
    }
    return found;
  }
  std::optional<std::string> read(std::string_view path, std::uint64_t offset,
                                  std::uint64_t length) const override {
    const auto found = files.find(path);
    if (failing || found == files.end()) {
      return std::nullopt;
    }
    return offset < found->second.size() ? found->second.substr(offset, length) : std::string();
  }
  bool appends() const override { return appends_; }
  bool persistent() const override { return true; }

  void apply(const CommitStorage& commit) {
    for (const FileOperation& operation : commit.operations) {
      apply(operation, ~std::uint64_t{0});
    }
  }
  /// Crash: the first `whole` operations, and of the next one `bytes` bytes when it is an append.
  /// (A directory host replaces whole files by renaming: they are never torn.)
  void apply_part(const CommitStorage& commit, std::size_t whole, std::uint64_t bytes) {
    for (std::size_t i = 0; i < whole && i < commit.operations.size(); ++i) {
      apply(commit.operations[i], ~std::uint64_t{0});
    }
    if (whole < commit.operations.size() &&
        std::holds_alternative<AppendFile>(commit.operations[whole])) {
      apply(commit.operations[whole], bytes);
    }
  }

  std::map<std::string, std::string, std::less<>> files;
  bool failing = false;  ///< The host cannot read now, as without descriptors or with an I/O error.
  std::size_t gaps = 0;  ///< Appends that began behind their file's end: no host would do those.

 private:
  void apply(const FileOperation& operation, std::uint64_t bytes_max) {
    if (const auto* write = std::get_if<WriteFile>(&operation)) {
      files[write->path] = write->contents;
    } else if (const auto* append = std::get_if<AppendFile>(&operation)) {
      std::string& file = files[append->path];
      gaps += append->offset > file.size() ? 1 : 0;
      file.resize(append->offset);
      file += append->contents.substr(0, bytes_max);
    } else {
      files.erase(std::get<RemoveFile>(operation).path);
    }
  }
  bool appends_;
};

/// Deterministic numbers; small and good enough (splitmix64).
class TestEntropy final : public Entropy {
 public:
  explicit TestEntropy(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() override {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }

 private:
  std::uint64_t state_;
};

}  // namespace frond::test
