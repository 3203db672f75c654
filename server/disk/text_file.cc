#include "server/disk/text_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>

namespace frond::server {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr mode_t kFileMode = 0644;

std::string failure(std::string_view what, const std::string& path, int error) {
  std::string reason = std::strerror(error);
  reason[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(reason[0])));
  return std::string(what) + " " + path + ": " + reason;
}

/// What the system made of it, asked again where a signal came between.
template <class Call>
ssize_t uninterrupted(Call call) {
  ssize_t done = 0;
  do {
    done = call();
  } while (done < 0 && errno == EINTR);
  return done;
}

}  // namespace

TextFile read_text_file(const std::string& path) {
  const int file =
      static_cast<int>(uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC); }));
  if (file < 0) {
    return {{}, failure("open", path, errno)};
  }
  TextFile found;
  std::array<char, kReadBytes> bytes;
  for (;;) {
    const ssize_t got = uninterrupted([&] { return ::read(file, bytes.data(), bytes.size()); });
    if (got < 0) {
      found = {{}, failure("read", path, errno)};
    }
    if (got <= 0) {
      ::close(file);
      return found;
    }
    found.text.append(bytes.data(), static_cast<std::size_t>(got));
  }
}

std::string write_text_file(const std::string& path, std::string_view text) {
  const int file = static_cast<int>(uninterrupted(
      [&] { return ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode); }));
  if (file < 0) {
    return failure("open", path, errno);
  }
  while (!text.empty()) {
    const ssize_t done = uninterrupted([&] { return ::write(file, text.data(), text.size()); });
    if (done < 0) {
      std::string error = failure("write", path, errno);
      ::close(file);
      return error;
    }
    text.remove_prefix(static_cast<std::size_t>(done));
  }
  // Some file systems tell here only that there was no room.
  return ::close(file) == 0 ? std::string() : failure("close", path, errno);
}

}  // namespace frond::server
