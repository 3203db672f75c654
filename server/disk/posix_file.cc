#include "server/disk/posix_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace frond::server {

bool write_all(int file, std::string_view bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t done = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) {
      continue;
    }
    if (done < 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(done));
    offset += static_cast<std::uint64_t>(done);
  }
  return true;
}

std::string read_tail(int file, std::uint64_t offset, std::uint64_t size) {
  std::string bytes(size - offset, '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got =
        ::pread(file, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (got <= 0) {
      break;
    }
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

bool force_path(const std::string& path, bool directory) {
  const int file = ::open(path.c_str(), (directory ? O_RDONLY | O_DIRECTORY : O_RDWR) | O_CLOEXEC);
  if (file < 0) {
    return errno == ENOENT;  // Removed since: nothing to force.
  }
  const bool done = ::fsync(file) == 0;
  ::close(file);
  return done;
}

}  // namespace frond::server
