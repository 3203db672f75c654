#pragma once
// The directory of one node, owned by one process: makes it, locks it, clears what a crash left
// half done. directory_reader and commit_executor work inside it. Lives as long as the server.

#include <stdexcept>
#include <string>
#include <string_view>

namespace frond::server {

/// The directory cannot be used; the text says why, with its path.
class StoreError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Files whose last path part starts so are the executor's own and no file of the node.
inline constexpr std::string_view kScratchPrefix = ".~";
inline constexpr std::string_view kLockName = ".lock";

/// True for a file of the node, false for the executor's own and the lock.
bool is_node_file(std::string_view name);

class StoreDirectory {
 public:
  /// Makes the directory where it is missing and takes its lock, waiting up to two seconds for an
  /// owner that is just being killed. Throws StoreError.
  explicit StoreDirectory(std::string path);
  ~StoreDirectory();
  StoreDirectory(const StoreDirectory&) = delete;
  StoreDirectory& operator=(const StoreDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  void remove_leftovers() const;

  std::string path_;
  int lock_ = -1;
};

}  // namespace frond::server
