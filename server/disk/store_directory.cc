#include "server/disk/store_directory.h"

#include <fcntl.h>
#include <sys/file.h>
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

constexpr auto kLockPatience = std::chrono::seconds(2);
constexpr auto kLockRetry = std::chrono::milliseconds(20);

}  // namespace

bool is_node_file(std::string_view name) {
  return !name.starts_with(kScratchPrefix) && name != kLockName;
}

StoreDirectory::StoreDirectory(std::string path) : path_(std::move(path)) {
  std::error_code error;
  fs::create_directories(path_, error);
  if (error) {
    throw StoreError("cannot create the store directory " + path_ + ": " + error.message());
  }
  const std::string lock_path = path_ + "/" + std::string(kLockName);
  lock_ = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0) {
    throw StoreError("cannot open " + lock_path + ": " + std::strerror(errno));
  }
  const auto give_up = std::chrono::steady_clock::now() + kLockPatience;
  while (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK || std::chrono::steady_clock::now() >= give_up) {
      const std::string why =
          errno == EWOULDBLOCK ? "another server uses it" : std::strerror(errno);
      ::close(lock_);
      throw StoreError("cannot lock the store directory " + path_ + ": " + why);
    }
    std::this_thread::sleep_for(kLockRetry);
  }
  remove_leftovers();
}

StoreDirectory::~StoreDirectory() { ::close(lock_); }

void StoreDirectory::remove_leftovers() const {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::recursive_directory_iterator at(path_, error), end; !error && at != end;
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
