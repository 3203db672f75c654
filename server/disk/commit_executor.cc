#include "server/disk/commit_executor.h"

#include "server/disk/posix_file.h"

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

constexpr mode_t kFileMode = 0640;
constexpr mode_t kDirectoryMode = 0750;

std::string parent(const std::string& path) { return path.substr(0, path.rfind('/')); }

}  // namespace

CommitExecutor::CommitExecutor(const StoreDirectory& directory, SyncPolicy policy)
    : directory_(directory), root_(directory.inside()), policy_(policy) {
  known_directories_.insert(root_);
}

CommitExecutor::~CommitExecutor() { force(); }

std::string CommitExecutor::execute(const std::vector<FileOperation>& operations) {
  error_.clear();
  if (!demand_ours()) {
    return error_;
  }
  bool done = std::all_of(operations.begin(), operations.end(),
                          [this](const FileOperation& one) { return carry_out(one); });
  if (done && policy_.always()) {
    done = force_files() && force_directories();
  }
  if (done && demand_ours()) {
    undo_.forget([this](const std::string& path) { remove_empty_directories(parent(path)); });
    return {};
  }
  if (!lost_) {
    roll_back();
  }
  return error_;
}

std::string CommitExecutor::force() {
  error_.clear();
  return force_files() && force_directories() ? std::string() : error_;
}

bool CommitExecutor::carry_out(const FileOperation& operation) {
  if (const auto* whole = std::get_if<WriteFile>(&operation)) {
    return write(*whole);
  }
  if (const auto* more = std::get_if<AppendFile>(&operation)) {
    return append(*more);
  }
  return remove(std::get<RemoveFile>(operation));
}

bool CommitExecutor::demand_ours() {
  const Standing standing = lost_ ? Standing::gone : directory_.standing();
  lost_ = standing == Standing::gone;
  if (lost_) {
    error_ = "the store directory " + directory_.path() +
             " was removed or replaced while the server used it";
  } else if (standing == Standing::unknown) {
    error_ = "cannot look at the lock of " + directory_.path() + ": " + std::strerror(errno);
  }
  return standing == Standing::ours;
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
  open_.close(path);
  if (existed) {
    undo_.replaced(path, former);
  } else {
    undo_.created(path);
  }
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
  if (created) {
    undo_.created(path);
  } else {
    undo_.appended(path, size, operation.offset,
                   operation.offset < size ? read_tail(file, operation.offset, size) : "");
  }
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
  open_.close(path);
  dirty_files_.erase(path);
  undo_.replaced(path, former);
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
  if (const int kept = open_.use(path); kept >= 0) {
    return kept;
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
  open_.keep(path, file);
  return file;
}

bool CommitExecutor::force_files() {
  for (const std::string& path : dirty_files_) {
    const int file = open_.find(path);
    const bool done = file >= 0 ? ::fdatasync(file) == 0 : force_path(path, false);
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
  undo_.roll_back(open_, [this] { error_ += "; and its former length could not be restored"; });
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
