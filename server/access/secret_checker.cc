#include "server/access/secret_checker.h"

#include "server/access/bcrypt.h"

#include <utility>

namespace frond::server {

SecretChecker::SecretChecker(Answer answer) : answer_(std::move(answer)) {}

SecretChecker::~SecretChecker() = default;

void SecretChecker::check(CheckSecret request) {
  const ConnectionId connection = request.connection;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() < kWaitingMax) {
      waiting_.push_back(std::move(request));
      if (!thread_.joinable()) {
        thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
      }
      some_.notify_one();
      return;
    }
  }
  answer_(connection, false);
}

void SecretChecker::work(const std::stop_token& stop) {
  for (;;) {
    CheckSecret request;
    {
      std::unique_lock lock(mutex_);
      if (!some_.wait(lock, stop, [this] { return !waiting_.empty(); })) {
        return;
      }
      if (stop.stop_requested()) {
        return;
      }
      request = std::move(waiting_.front());
      waiting_.pop_front();
    }
    answer_(request.connection, bcrypt_matches(request.hash, request.secret));
  }
}

}  // namespace frond::server
