#include "server/disk/directory_reader.h"

#include "server/disk/store_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace frond::server {
namespace fs = std::filesystem;

DirectoryReader::DirectoryReader(std::string root) : root_(std::move(root)) {}

DirectoryReader::~DirectoryReader() {
  for (const Open& open : recent_) {
    ::close(open.file);
  }
}

std::vector<FileInfo> DirectoryReader::list(std::string_view prefix) const {
  // Only the folder that holds all matches is walked; the rest of the prefix filters.
  const auto slash = prefix.rfind('/');
  fs::path from = root_;
  if (slash != std::string_view::npos) {
    from /= prefix.substr(0, slash);
  }
  std::vector<FileInfo> found;
  std::error_code error;
  for (fs::recursive_directory_iterator at(from, error), end; !error && at != end;
       at.increment(error)) {
    std::error_code ignored;
    if (!at->is_regular_file(ignored) || !is_node_file(at->path().filename().native())) {
      continue;
    }
    std::string path = at->path().native().substr(root_.size() + 1);
    if (path.starts_with(prefix)) {
      const auto size = at->file_size(ignored);
      found.push_back({std::move(path), ignored ? 0 : size});
    }
  }
  if (error) {
    note_failure("list", prefix, error.value());
  }
  std::sort(found.begin(), found.end(),
            [](const FileInfo& a, const FileInfo& b) { return a.path < b.path; });
  return found;
}

std::optional<std::string> DirectoryReader::read(std::string_view path, std::uint64_t offset,
                                                 std::uint64_t length) const {
  const int file = open(path);
  struct stat status{};
  if (file < 0 || ::fstat(file, &status) != 0) {
    note_failure("open", path, errno);
    return std::nullopt;
  }
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (offset >= size) {
    return std::string();
  }
  std::string bytes(std::min(length, size - offset), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got =
        ::pread(file, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      note_failure("read", path, errno);
      return std::nullopt;
    }
    if (got == 0) {
      break;
    }
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

/// What is not there is no failure.
void DirectoryReader::note_failure(std::string_view what, std::string_view path, int error) const {
  if (failure_.empty() && error != ENOENT && error != ENOTDIR && error != ENAMETOOLONG) {
    failure_ =
        "cannot " + std::string(what) + " " + std::string(path) + ": " + std::strerror(error);
  }
}

void DirectoryReader::forget(std::string_view path) {
  const auto found = by_path_.find(std::string(path));
  if (found == by_path_.end()) {
    return;
  }
  ::close(found->second->file);
  recent_.erase(found->second);
  by_path_.erase(found);
}

int DirectoryReader::open(std::string_view path) const {
  const std::string key(path);
  if (const auto found = by_path_.find(key); found != by_path_.end()) {
    recent_.splice(recent_.begin(), recent_, found->second);
    return found->second->file;
  }
  const int file = ::open((root_ + "/" + key).c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return -1;
  }
  if (recent_.size() >= files_max_) {
    ::close(recent_.back().file);
    by_path_.erase(recent_.back().path);
    recent_.pop_back();
  }
  recent_.push_front({key, file});
  by_path_[key] = recent_.begin();
  return file;
}

}  // namespace frond::server
