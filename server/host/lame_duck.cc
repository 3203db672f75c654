#include "server/host/lame_duck.h"

#include <algorithm>
#include <utility>

namespace frond::server {
namespace {

// However few clients there are, none has to wait longer than this for the next one's turn.
constexpr std::chrono::nanoseconds kPauseMax = std::chrono::seconds(1);

}  // namespace

LameDuck::LameDuck(boost::asio::io_context& loop, LameDuckTimes times,
                   std::function<std::size_t()> clients, std::function<void()> close_one,
                   std::function<void()> finished)
    : timer_(loop),
      times_(times),
      clients_(std::move(clients)),
      close_one_(std::move(close_one)),
      finished_(std::move(finished)) {
  wait(clients_() == 0 ? std::chrono::nanoseconds(0) : times_.grace, &LameDuck::end_grace);
}

void LameDuck::wait(std::chrono::nanoseconds pause, void (LameDuck::*next)()) {
  timer_.expires_after(std::chrono::duration_cast<std::chrono::steady_clock::duration>(pause));
  timer_.async_wait([this, next](boost::system::error_code error) {
    if (!error) {
      (this->*next)();
    }
  });
}

void LameDuck::end_grace() {
  const auto count = static_cast<std::int64_t>(std::max<std::size_t>(clients_(), 1));
  pause_ = std::min((times_.duration - times_.grace) / count, kPauseMax);
  close_next();
}

void LameDuck::close_next() {
  if (clients_() == 0) {
    return finished_();
  }
  close_one_();
  wait(pause_, &LameDuck::close_next);
}

}  // namespace frond::server
