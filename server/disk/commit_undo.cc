#include "server/disk/commit_undo.h"

#include "server/disk/posix_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

namespace frond::server {

void CommitUndo::created(const std::string& path) {
  changes_.push_back({Kind::remove, path, {}, 0, 0, {}});
}

void CommitUndo::replaced(const std::string& path, const std::string& scratch) {
  changes_.push_back({Kind::restore, path, scratch, 0, 0, {}});
}

void CommitUndo::appended(const std::string& path, std::uint64_t size, std::uint64_t offset,
                          std::string tail) {
  changes_.push_back({Kind::truncate, path, {}, size, offset, std::move(tail)});
}

void CommitUndo::roll_back(OpenFiles& open, const std::function<void()>& tail_lost) {
  for (auto change = changes_.rbegin(); change != changes_.rend(); ++change) {
    switch (change->kind) {
      case Kind::remove:
        open.close(change->path);
        ::unlink(change->path.c_str());
        break;
      case Kind::restore:
        open.close(change->path);
        ::rename(change->scratch.c_str(), change->path.c_str());
        break;
      case Kind::truncate: {
        const int file = ::open(change->path.c_str(), O_WRONLY | O_CLOEXEC);
        if (file >= 0) {
          const bool back = write_all(file, change->tail, change->offset) &&
                            ::ftruncate(file, static_cast<off_t>(change->size)) == 0;
          if (!back) {
            tail_lost();
          }
          ::close(file);
        }
        break;
      }
    }
  }
  changes_.clear();
}

void CommitUndo::forget(const std::function<void(const std::string& path)>& freed) {
  for (const Change& change : changes_) {
    if (change.kind == Kind::restore) {
      ::unlink(change.scratch.c_str());
      freed(change.path);
    }
  }
  changes_.clear();
}

}  // namespace frond::server
