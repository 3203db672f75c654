#pragma once
// Makes a commit's file operations durable in a directory, in order, and puts the files back when
// one of them fails. A whole file is written beside its place, forced to the disk and renamed;
// directories are forced once per commit, and before anything is removed. A commit counts only when
// the directory was this server's before and after it; once it is not, nothing is written any more.
// Used by commit_writer on its thread; tests use it directly.

#include "server/conf/settings.h"
#include "server/disk/commit_undo.h"
#include "server/disk/open_files.h"
#include "server/disk/store_directory.h"

#include <frond/output.h>

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace frond::server {

class CommitExecutor {
 public:
  CommitExecutor(const StoreDirectory& directory, SyncPolicy policy);
  ~CommitExecutor();
  CommitExecutor(const CommitExecutor&) = delete;
  CommitExecutor& operator=(const CommitExecutor&) = delete;

  /// Carries the operations out. Empty when all are durable (or, with an interval, handed to the
  /// system); else what failed, and the files are as before as far as that could be done.
  std::string execute(const std::vector<FileOperation>& operations);

  /// Forces what has gathered since the last call; only of use with an interval. Errors as above.
  std::string force();

  /// The directory was removed or replaced; every commit fails from here on.
  bool lost() const { return lost_; }

 private:
  bool carry_out(const FileOperation& operation);
  bool demand_ours();
  bool write(const WriteFile& operation);
  bool append(const AppendFile& operation);
  bool remove(const RemoveFile& operation);
  /// Keeps the present file for undoing; true also when there is none.
  bool keep_former(const std::string& path, bool& existed, std::string& scratch);
  bool make_directories(const std::string& path);
  int open_for_append(const std::string& path, bool& created);
  bool force_files();
  bool force_directories();
  void roll_back();
  void remove_empty_directories(const std::string& path);
  bool fail(std::string_view what, const std::string& path);
  std::string scratch_beside(const std::string& path);

  const StoreDirectory& directory_;
  const std::string& root_;
  SyncPolicy policy_;
  std::string error_;
  bool lost_ = false;
  std::uint64_t scratch_count_ = 0;
  CommitUndo undo_;
  std::set<std::string> dirty_directories_;
  std::set<std::string> dirty_files_;
  std::set<std::string> known_directories_;
  OpenFiles open_;
};

}  // namespace frond::server
