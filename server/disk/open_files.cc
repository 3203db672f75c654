#include "server/disk/open_files.h"

#include <unistd.h>

namespace frond::server {

OpenFiles::~OpenFiles() {
  for (const Entry& entry : entries_) {
    ::close(entry.file);
  }
}

int OpenFiles::find(const std::string& path) const {
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? -1 : found->second->file;
}

int OpenFiles::use(const std::string& path) {
  const auto found = by_path_.find(path);
  if (found == by_path_.end()) {
    return -1;
  }
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->file;
}

void OpenFiles::keep(const std::string& path, int file) {
  if (entries_.size() >= files_max_) {
    ::close(entries_.back().file);
    by_path_.erase(entries_.back().path);
    entries_.pop_back();
  }
  entries_.push_front({path, file});
  by_path_[path] = entries_.begin();
}

void OpenFiles::close(const std::string& path) {
  const auto found = by_path_.find(path);
  if (found != by_path_.end()) {
    ::close(found->second->file);
    entries_.erase(found->second);
    by_path_.erase(found);
  }
}

}  // namespace frond::server
