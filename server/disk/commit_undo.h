#pragma once
// How the changes of one commit are taken back when a later one of them fails. commit_executor
// notes each change as it is made and ends the list with roll_back() or forget(). Former files wait
// beside their places until then.

#include "server/disk/open_files.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace frond::server {

class CommitUndo {
 public:
  /// There was no file at the path before.
  void created(const std::string& path);
  /// The former file of the path waits at `scratch`.
  void replaced(const std::string& path, const std::string& scratch);
  /// The file had `size` bytes, of which those from `offset` on were `tail`.
  void appended(const std::string& path, std::uint64_t size, std::uint64_t offset,
                std::string tail);

  /// Takes everything back, last change first; files that are put back are closed in `open` first.
  /// Calls `tail_lost` for each file whose former length could not be restored.
  void roll_back(OpenFiles& open, const std::function<void()>& tail_lost);

  /// The commit stands: removes the former files and calls `freed` with the path of each.
  void forget(const std::function<void(const std::string& path)>& freed);

 private:
  enum class Kind : std::uint8_t { remove, restore, truncate };
  struct Change {
    Kind kind;
    std::string path;
    std::string scratch;       ///< restore: where the former file waits.
    std::uint64_t size = 0;    ///< truncate: the former length,
    std::uint64_t offset = 0;  ///< and what stood behind `offset`.
    std::string tail;
  };
  std::vector<Change> changes_;
};

}  // namespace frond::server
