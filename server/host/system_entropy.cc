#include "server/host/system_entropy.h"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>

namespace frond::server {

std::uint64_t SystemEntropy::next() {
  if (used_ == pool_.size()) {
    auto* bytes = reinterpret_cast<char*>(pool_.data());
    std::size_t done = 0;
    while (done < sizeof pool_) {
      const ssize_t got = ::getrandom(bytes + done, sizeof pool_ - done, 0);
      if (got < 0 && errno != EINTR) {
        std::abort();  // A server with guessable inboxes and nonces is worse than none.
      }
      done += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    used_ = 0;
  }
  return pool_[used_++];
}

}  // namespace frond::server
