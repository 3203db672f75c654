#include "mount_reader.h"

#include "base/sort.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace frond::wasm {
namespace {

// True when a file below `directory` can start with `prefix`: either one is the other's beginning.
bool may_hold(std::string_view directory, std::string_view prefix) {
  const std::size_t common = std::min(directory.size(), prefix.size());
  return directory.substr(0, common) == prefix.substr(0, common);
}

// The worker writes a file under a temporary name and renames it; what a crash left of that is no
// file of the node.
bool is_temporary(std::string_view name) { return name.ends_with(".tmp"); }

}  // namespace

MountReader::MountReader(std::string root, bool appends, bool persistent)
    : root_(std::move(root)), appends_(appends), persistent_(persistent) {}

// By errno: what is not there is no failure.
void MountReader::note_failure(std::string_view path) const {
  if (failure_.empty() && errno != ENOENT && errno != ENOTDIR && errno != ENAMETOOLONG) {
    failure_ = std::string(path) + ": " + std::strerror(errno);
  }
}

std::vector<FileInfo> MountReader::list(std::string_view prefix) const {
  std::vector<FileInfo> found;
  list_into("", prefix, found);
  base::sort(found, [](const FileInfo& a, const FileInfo& b) { return a.path < b.path; });
  return found;
}

void MountReader::list_into(const std::string& directory, std::string_view prefix,
                            std::vector<FileInfo>& found) const {
  DIR* const open = opendir((root_ + "/" + directory).c_str());
  if (open == nullptr) return note_failure(directory);
  std::vector<std::string> directories;
  while (const dirent* const entry = readdir(open)) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    std::string path = directory;
    path += name;
    struct stat info{};
    if (stat((root_ + "/" + path).c_str(), &info) != 0) {
      note_failure(path);
      continue;
    }
    if (S_ISDIR(info.st_mode)) {
      path += '/';
      if (may_hold(path, prefix)) directories.push_back(std::move(path));
    } else if (path.starts_with(prefix) && !is_temporary(path)) {
      found.push_back({std::move(path), static_cast<std::uint64_t>(info.st_size)});
    }
  }
  closedir(open);
  for (const std::string& below : directories) list_into(below, prefix, found);
}

std::optional<std::string> MountReader::read(std::string_view path, std::uint64_t offset,
                                             std::uint64_t length) const {
  const int file = open((root_ + "/" + std::string(path)).c_str(), O_RDONLY);
  if (file < 0) {
    note_failure(path);
    return std::nullopt;
  }
  struct stat info{};
  if (fstat(file, &info) != 0 || S_ISDIR(info.st_mode)) {
    close(file);
    return std::nullopt;
  }
  const auto size = static_cast<std::uint64_t>(info.st_size);
  const std::uint64_t wanted = offset >= size ? 0 : std::min(length, size - offset);
  std::string bytes(static_cast<std::size_t>(wanted), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got =
        pread(file, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (got < 0) {
      note_failure(path);
      close(file);
      return std::nullopt;
    }
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  close(file);
  bytes.resize(done);
  return bytes;
}

}  // namespace frond::wasm
