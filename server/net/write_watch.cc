#include "server/net/write_watch.h"

#include <cstdint>
#include <string>

namespace frond::server {

WriteWatch::WriteWatch(boost::asio::io_context& loop, ConnectionTable& connections,
                       std::chrono::nanoseconds deadline, const Log& log)
    : timer_(loop),
      connections_(connections),
      deadline_(std::chrono::duration_cast<std::chrono::seconds>(deadline)),
      log_(log) {}

void WriteWatch::start() {
  timer_.expires_after(std::chrono::seconds(1));
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) {
      look();
      start();
    }
  });
}

void WriteWatch::look() {
  for (const auto& connection : connections_.stalled_beyond(deadline_.count())) {
    log_.info("cid:" + std::to_string(static_cast<std::uint64_t>(connection->id())) +
              " - Slow Consumer Detected: WriteDeadline exceeded");
    connection->abort("Slow Consumer (Write Deadline)");
  }
}

}  // namespace frond::server
