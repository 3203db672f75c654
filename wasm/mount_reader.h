#pragma once
// Reads the node's files from the Emscripten mount that the worker has prepared: an IDBFS mount
// loaded from IndexedDB, a NODEFS mount of a directory, or plain MEMFS. Writes do not pass here:
// the worker stores a commit first and puts it on the mount afterwards, so this reader never sees
// a commit that failed. Lives as long as its WasmNode.

#include <frond/host.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace frond::wasm {

class MountReader final : public StorageReader {
 public:
  /// `root` is the mount point without a slash at its end.
  MountReader(std::string root, bool appends, bool persistent);

  std::vector<FileInfo> list(std::string_view prefix) const override;
  std::optional<std::string> read(std::string_view path, std::uint64_t offset,
                                  std::uint64_t length) const override;
  bool appends() const override { return appends_; }
  bool persistent() const override { return persistent_; }

  /// The first thing that is there and could not be read, or empty: the engine took it for missing.
  const std::string& failure() const { return failure_; }

 private:
  void note_failure(std::string_view path) const;
  void list_into(const std::string& directory, std::string_view prefix,
                 std::vector<FileInfo>& found) const;

  std::string root_;
  mutable std::string failure_;
  bool appends_;
  bool persistent_;
};

}  // namespace frond::wasm
