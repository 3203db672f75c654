#include "server/host/host_clock.h"

#include <ctime>

namespace frond::server {
namespace {

Duration read(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + Duration(time.tv_nsec);
}

}  // namespace

Now now() {
  return {.monotonic = Instant(read(CLOCK_BOOTTIME)), .wall = WallTime(read(CLOCK_REALTIME))};
}

}  // namespace frond::server
