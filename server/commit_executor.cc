#include "server/commit_executor.h"

#include "server/store_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <variant>

namespace frond::server {
namespace {

constexpr std::size_t kOpenFilesMax = 128;
constexpr mode_t kFileMode = 0640;
constexpr mode_t kDirectoryMode = 0750;

std::string parent(const std::string& path) { return path.substr(0, path.rfind('/')); }

/// Writes all of it, whatever the system takes at a time.
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

}  // namespace

CommitExecutor::CommitExecutor(std::string root, SyncPolicy policy)
    : root_(std::move(root)), policy_(policy) {
  known_directories_.insert(root_);
}

CommitExecutor::~CommitExecutor() {
  force();
  for (const OpenFile& open : open_) {
    ::close(open.file);
  }
}

std::string CommitExecutor::execute(const std::vector<FileOperation>& operations) {
  error_.clear();
  undo_.clear();
  bool done = true;
  for (const FileOperation& operation : operations) {
    if (const auto* whole = std::get_if<WriteFile>(&operation)) {
      done = write(*whole);
    } else if (const auto* more = std::get_if<AppendFile>(&operation)) {
      done = append(*more);
    } else {
      done = remove(std::get<RemoveFile>(operation));
    }
    if (!done) {
      break;
    }
  }
  if (done && policy_.always()) {
    done = force_files() && force_directories();
  }
  if (!done) {
    roll_back();
    return error_;
  }
  drop_scratch();
  return {};
}

std::string CommitExecutor::force() {
  error_.clear();
  return force_files() && force_directories() ? std::string() : error_;
}

bool CommitExecutor::write(const WriteFile& operation) {
  const std::string path = root_ + "/" + operation.path;
  if (!make_directories(parent(path))) {
    return false;
  }
  const std::string fresh = scratch_beside(path);
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode);
  if (file < 0) {
    return fail("create", path);
  }
  bool done = write_all(file, operation.contents, 0);
  if (done && policy_.always()) {
    done = ::fdatasync(file) == 0;
  }
  done = done || fail("write", path);
  ::close(file);
  bool existed = false;
  std::string former;
  done = done && keep_former(path, existed, former);
  if (done && ::rename(fresh.c_str(), path.c_str()) != 0) {
    done = fail("rename", path);
  }
  if (!done) {
    ::unlink(fresh.c_str());
    return false;
  }
  close_file(path);
  undo_.push_back({existed ? UndoKind::restore : UndoKind::remove, path, former, 0, 0, {}});
  dirty_directories_.insert(parent(path));
  if (!policy_.always()) {
    dirty_files_.insert(path);
  } else {
    dirty_files_.erase(path);
  }
  return true;
}

bool CommitExecutor::append(const AppendFile& operation) {
  const std::string path = root_ + "/" + operation.path;
  bool created = false;
  const int file = open_for_append(path, created);
  if (file < 0) {
    return false;
  }
  struct stat status{};
  if (::fstat(file, &status) != 0) {
    return fail("stat", path);
  }
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (operation.offset > size) {
    errno = EINVAL;
    return fail("append behind the end of", path);
  }
  Undo undo{created ? UndoKind::remove : UndoKind::truncate, path, {}, size, operation.offset, {}};
  if (operation.offset < size) {
    undo.tail = read_tail(file, operation.offset, size);
  }
  undo_.push_back(std::move(undo));
  const std::uint64_t end = operation.offset + operation.contents.size();
  if (!write_all(file, operation.contents, operation.offset)) {
    return fail("append to", path);
  }
  if (end < size && ::ftruncate(file, static_cast<off_t>(end)) != 0) {
    return fail("truncate", path);
  }
  dirty_files_.insert(path);
  return true;
}

bool CommitExecutor::remove(const RemoveFile& operation) {
  const std::string path = root_ + "/" + operation.path;
  // What replaces the file must be on the disk before the file goes.
  if (policy_.always() && !(force_files() && force_directories())) {
    return false;
  }
  const std::string former = scratch_beside(path);
  if (::rename(path.c_str(), former.c_str()) != 0) {
    return errno == ENOENT || errno == ENOTDIR || fail("remove", path);
  }
  close_file(path);
  dirty_files_.erase(path);
  undo_.push_back({UndoKind::restore, path, former, 0, 0, {}});
  dirty_directories_.insert(parent(path));
  return true;
}

bool CommitExecutor::keep_former(const std::string& path, bool& existed, std::string& scratch) {
  scratch = scratch_beside(path);
  existed = ::link(path.c_str(), scratch.c_str()) == 0;
  return existed || errno == ENOENT || fail("keep", path);
}

bool CommitExecutor::make_directories(const std::string& path) {
  if (known_directories_.contains(path)) {
    return true;
  }
  if (!make_directories(parent(path))) {
    return false;
  }
  if (::mkdir(path.c_str(), kDirectoryMode) == 0) {
    dirty_directories_.insert(parent(path));
  } else if (errno != EEXIST) {
    return fail("create", path);
  }
  known_directories_.insert(path);
  return true;
}

int CommitExecutor::open_for_append(const std::string& path, bool& created) {
  if (const auto found = open_by_path_.find(path); found != open_by_path_.end()) {
    open_.splice(open_.begin(), open_, found->second);
    return found->second->file;
  }
  if (!make_directories(parent(path))) {
    return -1;
  }
  int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) {
    file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode);
    created = file >= 0;
    dirty_directories_.insert(parent(path));
  }
  if (file < 0) {
    fail("open", path);
    return -1;
  }
  if (open_.size() >= kOpenFilesMax) {
    ::close(open_.back().file);
    open_by_path_.erase(open_.back().path);
    open_.pop_back();
  }
  open_.push_front({path, file});
  open_by_path_[path] = open_.begin();
  return file;
}

void CommitExecutor::close_file(const std::string& path) {
  const auto found = open_by_path_.find(path);
  if (found != open_by_path_.end()) {
    ::close(found->second->file);
    open_.erase(found->second);
    open_by_path_.erase(found);
  }
}

bool CommitExecutor::force_files() {
  for (const std::string& path : dirty_files_) {
    const auto found = open_by_path_.find(path);
    const bool done = found != open_by_path_.end() ? ::fdatasync(found->second->file) == 0
                                                   : force_path(path, false);
    if (!done) {
      return fail("force", path);
    }
  }
  dirty_files_.clear();
  return true;
}

bool CommitExecutor::force_directories() {
  for (const std::string& path : dirty_directories_) {
    if (!force_path(path, true)) {
      return fail("force", path);
    }
  }
  dirty_directories_.clear();
  return true;
}

void CommitExecutor::roll_back() {
  for (auto undo = undo_.rbegin(); undo != undo_.rend(); ++undo) {
    switch (undo->kind) {
      case UndoKind::remove:
        close_file(undo->path);
        ::unlink(undo->path.c_str());
        break;
      case UndoKind::restore:
        close_file(undo->path);
        ::rename(undo->scratch.c_str(), undo->path.c_str());
        break;
      case UndoKind::truncate: {
        const int file = ::open(undo->path.c_str(), O_WRONLY | O_CLOEXEC);
        if (file >= 0) {
          const bool back = write_all(file, undo->tail, undo->offset) &&
                            ::ftruncate(file, static_cast<off_t>(undo->size)) == 0;
          if (!back) {
            error_ += "; and its former length could not be restored";
          }
          ::close(file);
        }
        break;
      }
    }
  }
  undo_.clear();
  // What cannot be forced now is tried again by the next commit that touches it.
  const std::string first = error_;
  if (policy_.always()) {
    force_files();
    force_directories();
    dirty_files_.clear();
    dirty_directories_.clear();
  }
  error_ = first;
}

void CommitExecutor::drop_scratch() {
  for (const Undo& undo : undo_) {
    if (undo.kind == UndoKind::restore) {
      ::unlink(undo.scratch.c_str());
      remove_empty_directories(parent(undo.path));
    }
  }
  undo_.clear();
}

void CommitExecutor::remove_empty_directories(const std::string& path) {
  std::string at = path;
  while (at.size() > root_.size() && ::rmdir(at.c_str()) == 0) {
    known_directories_.erase(at);
    dirty_directories_.erase(at);
    at = parent(at);
  }
}

bool CommitExecutor::fail(std::string_view what, const std::string& path) {
  error_ = "cannot " + std::string(what) + " " +
           path.substr(std::min(path.size(), root_.size() + 1)) + ": " + std::strerror(errno);
  return false;
}

std::string CommitExecutor::scratch_beside(const std::string& path) {
  return parent(path) + "/" + std::string(kScratchPrefix) + std::to_string(++scratch_count_);
}

}  // namespace frond::server
