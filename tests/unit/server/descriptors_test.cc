#include "server/disk/descriptors.h"

#include <sys/resource.h>
#include <catch2/catch.hpp>

#include <cstddef>
#include <limits>

using namespace frond::server;

TEST_CASE("sockets leave the store the descriptors that it may keep open, and some") {
  const DescriptorShares usual = descriptor_shares(1024);
  CHECK(usual.files_read == 64);
  CHECK(usual.files_added == 128);
  CHECK(usual.sockets == 1024 - 64 - 128 - 24);
  for (std::size_t limit = 64; limit < 2000; ++limit) {
    const DescriptorShares shares = descriptor_shares(limit);
    CAPTURE(limit);
    REQUIRE(static_cast<std::size_t>(shares.sockets) + shares.files_read + shares.files_added +
                16 <=
            limit);
    REQUIRE(static_cast<std::size_t>(shares.sockets) >= limit / 2);
    REQUIRE((shares.files_read >= 1 && shares.files_added >= 2));
  }
  CHECK(descriptor_shares(std::numeric_limits<std::size_t>::max()).sockets ==
        std::numeric_limits<int>::max());
}

TEST_CASE("the limit of descriptors becomes what the system allows at most") {
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit lower = before;
  lower.rlim_cur = 64;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &lower) == 0);
  CHECK(descriptor_shares().sockets == 32);
  raise_descriptor_limit();
  rlimit after{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &after) == 0);
  CHECK(after.rlim_cur == before.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &before);
}
