#pragma once
// The end of a server that has time (SIGUSR2, CP-19): after a period of grace its clients are
// closed one by one, so that they do not all knock at the next server at once. The engine host
// makes one, on its loop, when it has told the clients; it lives until the host's end.

#include "server/conf/settings.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <functional>

namespace frond::server {

class LameDuck {
 public:
  /// `clients` says how many are left, `close_one` ends one; `finished` is called when none are.
  LameDuck(boost::asio::io_context& loop, LameDuckTimes times, std::function<std::size_t()> clients,
           std::function<void()> close_one, std::function<void()> finished);

 private:
  void wait(std::chrono::nanoseconds pause, void (LameDuck::*next)());
  void end_grace();
  void close_next();

  boost::asio::steady_timer timer_;
  LameDuckTimes times_;
  std::function<std::size_t()> clients_;
  std::function<void()> close_one_;
  std::function<void()> finished_;
  std::chrono::nanoseconds pause_{0};
};

}  // namespace frond::server
