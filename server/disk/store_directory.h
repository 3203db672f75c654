#pragma once
// The directory of one node, owned by one process: makes it, locks it, clears what a crash left
// half done, and knows whether it is still the one that its path names. directory_reader and
// commit_executor work inside it. Lives as long as the server.

#include <chrono>
#include <cstdint>
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

enum class Standing : std::uint8_t {
  ours,
  gone,     ///< Removed or replaced: another server may own what stands there now.
  unknown,  ///< The system does not say; errno has why.
};

class StoreDirectory {
 public:
  /// Makes the directory where it is missing and takes its lock, waiting this long for an owner
  /// that is just being killed. Throws StoreError.
  explicit StoreDirectory(std::string path,
                          std::chrono::milliseconds patience = std::chrono::seconds(2));
  ~StoreDirectory();
  StoreDirectory(const StoreDirectory&) = delete;
  StoreDirectory& operator=(const StoreDirectory&) = delete;

  const std::string& path() const { return path_; }

  /// The way to the files: through the open directory where the system has such paths, so that what
  /// another may put in the directory's place is neither read nor written.
  const std::string& inside() const { return inside_; }

  /// Whether the path still names the directory that this process has locked.
  Standing standing() const;

 private:
  void lock(std::chrono::milliseconds patience);
  void remove_leftovers() const;

  std::string path_;
  std::string inside_;
  int directory_ = -1;
  int lock_ = -1;
};

}  // namespace frond::server
