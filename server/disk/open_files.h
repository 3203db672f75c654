#pragma once
// The files that commit_executor appends to, kept open from commit to commit: a node appends to the
// same few again and again. Bounded; the one that was not used for longest is closed for a new one.
// As long as the executor.

#include "server/disk/descriptors.h"

#include <cstddef>
#include <list>
#include <string>
#include <unordered_map>

namespace frond::server {

class OpenFiles {
 public:
  OpenFiles() = default;
  ~OpenFiles();
  OpenFiles(const OpenFiles&) = delete;
  OpenFiles& operator=(const OpenFiles&) = delete;

  /// The descriptor of this path's file, or -1 when it is not kept.
  int find(const std::string& path) const;
  /// The same, for appending to it now: it becomes the last to be closed.
  int use(const std::string& path);
  /// Keeps `file`, which is closed from here on by this table.
  void keep(const std::string& path, int file);
  /// Closes it when it is kept: what stands at the path will be another file.
  void close(const std::string& path);

 private:
  struct Entry {
    std::string path;
    int file;
  };
  const std::size_t files_max_ = descriptor_shares().files_added;
  std::list<Entry> entries_;  // Most recently used first.
  std::unordered_map<std::string, std::list<Entry>::iterator> by_path_;
};

}  // namespace frond::server
