#pragma once
// Makes a commit's file operations durable in a directory, in order, and puts the files back when
// one of them fails. A whole file is written beside its place, forced to the disk and renamed;
// directories are forced once per commit, and before anything is removed. Used by commit_writer on
// its thread; tests use it directly.

#include "server/settings.h"

#include <frond/output.h>

#include <cstdint>
#include <list>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace frond::server {

class CommitExecutor {
 public:
  CommitExecutor(std::string root, SyncPolicy policy);
  ~CommitExecutor();
  CommitExecutor(const CommitExecutor&) = delete;
  CommitExecutor& operator=(const CommitExecutor&) = delete;

  /// Carries the operations out. Empty when all are durable (or, with an interval, handed to the
  /// system); else what failed, and the files are as before as far as that could be done.
  std::string execute(const std::vector<FileOperation>& operations);

  /// Forces what has gathered since the last call; only of use with an interval. Errors as above.
  std::string force();

 private:
  enum class UndoKind : std::uint8_t { remove, restore, truncate };
  /// How one change is taken back.
  struct Undo {
    UndoKind kind;
    std::string path;          ///< Full path of the node's file.
    std::string scratch;       ///< restore: where the former file waits.
    std::uint64_t size = 0;    ///< truncate: the former length,
    std::uint64_t offset = 0;  ///< and what stood behind `offset`.
    std::string tail;
  };
  struct OpenFile {
    std::string path;
    int file;
  };

  bool write(const WriteFile& operation);
  bool append(const AppendFile& operation);
  bool remove(const RemoveFile& operation);
  /// Keeps the present file for undoing; true also when there is none.
  bool keep_former(const std::string& path, bool& existed, std::string& scratch);
  bool make_directories(const std::string& path);
  int open_for_append(const std::string& path, bool& created);
  void close_file(const std::string& path);
  bool force_files();
  bool force_directories();
  void roll_back();
  void drop_scratch();
  void remove_empty_directories(const std::string& path);
  bool fail(std::string_view what, const std::string& path);
  std::string scratch_beside(const std::string& path);

  std::string root_;
  SyncPolicy policy_;
  std::string error_;
  std::uint64_t scratch_count_ = 0;
  std::vector<Undo> undo_;
  std::set<std::string> dirty_directories_;
  std::set<std::string> dirty_files_;
  std::set<std::string> known_directories_;
  std::list<OpenFile> open_;  // Files being appended to, most recently used first.
  std::unordered_map<std::string, std::list<OpenFile>::iterator> open_by_path_;
};

}  // namespace frond::server
