#pragma once
// The thread that carries commits out, so that the loop never waits for the disk. The engine has
// one commit in flight; its result is handed to `done` on the writer's thread, which posts it to
// the loop. With a sync interval the same thread forces the files every so often.

#include "server/conf/settings.h"
#include "server/disk/commit_executor.h"

#include <frond/output.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace frond::server {

class CommitWriter {
 public:
  /// Called on the writer's thread: the commit, and what failed (empty: nothing).
  using Done = std::function<void(CommitStorage commit, std::string error)>;

  /// With an interval: forcing what was acknowledged before has failed.
  using ForceFailed = std::function<void(std::string error)>;

  /// `directory` must outlive it.
  CommitWriter(const StoreDirectory& directory, SyncPolicy policy, Done done,
               ForceFailed force_failed);
  /// Carries out what is queued, then ends the thread.
  ~CommitWriter();
  CommitWriter(const CommitWriter&) = delete;
  CommitWriter& operator=(const CommitWriter&) = delete;

  void submit(CommitStorage commit);

  /// As in CommitExecutor; known on every thread when `done` is called.
  bool lost() const { return lost_; }

 private:
  void run();
  void force();

  CommitExecutor executor_;
  SyncPolicy policy_;
  Done done_;
  ForceFailed force_failed_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<CommitStorage> queue_;
  bool stopping_ = false;
  std::atomic<bool> lost_ = false;
  std::thread thread_;
};

}  // namespace frond::server
