#pragma once
// Compares secrets with bcrypt hashes for the engine (CheckSecret), on one thread of its own: a
// stranger's CONNECT costs a tenth of a second there and must not cost the loop anything. What
// waits is bounded; who comes when it is full is refused at once. Made by engine_host.

#include <frond/output.h>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace frond::server {

class SecretChecker {
 public:
  /// `answer` is called on the checker's thread, or in check() when there is no room.
  using Answer = std::function<void(ConnectionId, bool matches)>;
  explicit SecretChecker(Answer answer);
  ~SecretChecker();
  SecretChecker(const SecretChecker&) = delete;
  SecretChecker& operator=(const SecretChecker&) = delete;

  void check(CheckSecret request);

  static constexpr std::size_t kWaitingMax = 64;

 private:
  void work(const std::stop_token& stop);

  Answer answer_;
  std::mutex mutex_;
  std::condition_variable_any some_;
  std::deque<CheckSecret> waiting_;
  std::jthread thread_;  // Last: it uses the others. Started by the first request.
};

}  // namespace frond::server
