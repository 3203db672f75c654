#include "server/disk/commit_writer.h"

#include <utility>

namespace frond::server {

CommitWriter::CommitWriter(const StoreDirectory& directory, SyncPolicy policy, Done done,
                           ForceFailed force_failed)
    : executor_(directory, policy),
      policy_(policy),
      done_(std::move(done)),
      force_failed_(std::move(force_failed)) {
  thread_ = std::thread([this] { run(); });
}

CommitWriter::~CommitWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void CommitWriter::submit(CommitStorage commit) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(commit));
  }
  changed_.notify_one();
}

void CommitWriter::force() {
  if (std::string error = executor_.force(); !error.empty()) {
    force_failed_(std::move(error));
  }
}

void CommitWriter::run() {
  auto last_forced = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto ready = [this] { return stopping_ || !queue_.empty(); };
    if (policy_.always()) {
      changed_.wait(lock, ready);
    } else {
      changed_.wait_until(lock, last_forced + policy_.interval, ready);
    }
    if (queue_.empty() && stopping_) {
      return;
    }
    if (queue_.empty()) {
      lock.unlock();
      force();
      last_forced = std::chrono::steady_clock::now();
      lock.lock();
      continue;
    }
    CommitStorage commit = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    std::string error = executor_.execute(commit.operations);
    lost_ = executor_.lost();
    const auto now = std::chrono::steady_clock::now();
    if (!policy_.always() && now - last_forced >= policy_.interval) {
      force();
      last_forced = now;
    }
    done_(std::move(commit), std::move(error));
    lock.lock();
  }
}

}  // namespace frond::server
