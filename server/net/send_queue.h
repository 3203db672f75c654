#pragma once
// Bytes on their way out of one connection: one buffer is being written while the next one fills,
// so that a busy connection writes few and large pieces. A member of each connection.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace frond::server {

class SendQueue {
 public:
  void add(std::string bytes) {
    if (waiting_.empty()) {
      waiting_ = std::move(bytes);
    } else {
      waiting_ += bytes;
    }
  }
  bool empty() const { return waiting_.empty() && written_ == writing_.size(); }

  /// What to write next, at most `max` bytes; empty when there is nothing.
  std::string_view next(std::size_t max) {
    if (written_ == writing_.size()) {
      writing_.clear();
      written_ = 0;
      if (writing_.capacity() > kKeptCapacity) {
        writing_ = std::string();
      }
      writing_.swap(waiting_);
    }
    return std::string_view(writing_).substr(written_, max);
  }
  void wrote(std::size_t bytes) {
    written_ += bytes;
    progress_ = progress_ || bytes > 0;
  }
  void clear() {
    waiting_.clear();
    writing_.clear();
    written_ = 0;
  }

  /// True when bytes wait and wrote() has not been called since the last call.
  bool stalled() { return !std::exchange(progress_, false) && !empty(); }

 private:
  static constexpr std::size_t kKeptCapacity = 1024 * 1024;

  std::string waiting_;
  std::string writing_;
  std::size_t written_ = 0;
  bool progress_ = false;
};

}  // namespace frond::server
