#include "server/disk/store_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <thread>
#include <vector>

namespace frond::server {
namespace fs = std::filesystem;
namespace {

constexpr auto kLockRetry = std::chrono::milliseconds(20);

/// Whether what stands at the path is open as `file`.
Standing standing_of(const std::string& path, int file) {
  struct stat named{};
  struct stat opened{};
  if (::stat(path.c_str(), &named) != 0) {
    return errno == ENOENT || errno == ENOTDIR ? Standing::gone : Standing::unknown;
  }
  if (::fstat(file, &opened) != 0) {
    return Standing::unknown;
  }
  const bool same = named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
  return same ? Standing::ours : Standing::gone;
}

std::string lock_below(const std::string& path) { return path + "/" + std::string(kLockName); }

}  // namespace

bool is_node_file(std::string_view name) {
  return !name.starts_with(kScratchPrefix) && name != kLockName;
}

StoreDirectory::StoreDirectory(std::string path, std::chrono::milliseconds patience)
    : path_(std::move(path)) {
  std::error_code error;
  fs::create_directories(path_, error);
  if (error) {
    throw StoreError("cannot create the store directory " + path_ + ": " + error.message());
  }
  directory_ = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory_ < 0) {
    throw StoreError("cannot open the store directory " + path_ + ": " + std::strerror(errno));
  }
  inside_ = "/proc/self/fd/" + std::to_string(directory_);
  if (standing_of(inside_, directory_) != Standing::ours) {
    inside_ = path_;
  }
  try {
    lock(patience);
  } catch (...) {
    ::close(directory_);
    throw;
  }
  remove_leftovers();
}

StoreDirectory::~StoreDirectory() {
  ::close(lock_);
  ::close(directory_);
}

Standing StoreDirectory::standing() const { return standing_of(lock_below(path_), lock_); }

void StoreDirectory::lock(std::chrono::milliseconds patience) {
  const auto give_up = std::chrono::steady_clock::now() + patience;
  for (;;) {
    lock_ = ::openat(directory_, kLockName.data(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock_ < 0) {
      throw StoreError("cannot open " + lock_below(path_) + ": " + std::strerror(errno));
    }
    std::string why;
    if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
      why = errno == EWOULDBLOCK ? "another server uses it" : std::strerror(errno);
    } else if (standing() != Standing::ours) {
      // Removed by someone between the two calls: others would lock another file.
      why = "it is being replaced";
    } else {
      return;
    }
    ::close(lock_);
    if (std::chrono::steady_clock::now() >= give_up) {
      throw StoreError("cannot lock the store directory " + path_ + ": " + why);
    }
    std::this_thread::sleep_for(kLockRetry);
  }
}

void StoreDirectory::remove_leftovers() const {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::recursive_directory_iterator at(inside_, error), end; !error && at != end;
       at.increment(error)) {
    if (at->path().filename().native().starts_with(kScratchPrefix)) {
      found.push_back(at->path());
    }
  }
  for (const fs::path& path : found) {
    fs::remove(path, error);
  }
}

}  // namespace frond::server
