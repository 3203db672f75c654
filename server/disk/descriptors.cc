#include "server/disk/descriptors.h"

#include <sys/resource.h>

#include <algorithm>
#include <limits>

namespace frond::server {
namespace {

constexpr std::size_t kFilesReadMax = 64;
constexpr std::size_t kFilesAddedMax = 128;
/// New files of a commit, folders being listed, the way to the hub, a configuration read again.
constexpr std::size_t kForAMoment = 24;
constexpr std::size_t kKeptMin = 3;

}  // namespace

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);  // Where it may not be raised, it stays as it is.
  }
}

DescriptorShares descriptor_shares(std::size_t limit) {
  const std::size_t reserve = std::min(limit / 2, kForAMoment + kFilesReadMax + kFilesAddedMax);
  const std::size_t kept = std::max(reserve, kForAMoment + kKeptMin) - kForAMoment;
  constexpr std::size_t int_max = std::numeric_limits<int>::max();
  return {static_cast<int>(std::min(limit - reserve, int_max)), kept / 3, kept - kept / 3};
}

DescriptorShares descriptor_shares() {
  rlimit limit{};
  const bool known = ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
  return descriptor_shares(known ? static_cast<std::size_t>(limit.rlim_cur)
                                 : std::numeric_limits<std::size_t>::max());
}

}  // namespace frond::server
