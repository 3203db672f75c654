#include "access/reply_rights.h"

#include "base/limits.h"

#include <catch2/catch.hpp>
#include <string>

using namespace std::chrono_literals;
using namespace frond;
using frond::access::ReplyRights;

namespace {
const Instant start{1'800'000'000s};
}

TEST_CASE("a request gives the right to one answer") {
  ReplyRights rights({});
  CHECK_FALSE(rights.use("r", start));
  rights.grant("r", start);
  CHECK_FALSE(rights.use("other", start));
  CHECK(rights.use("r", start));
  CHECK_FALSE(rights.use("r", start));
  rights.grant("r", start);
  CHECK(rights.use("r", start));
}

TEST_CASE("the right to answer ends with its time") {
  ReplyRights rights({.messages_max = -1, .expires = 1min});
  rights.grant("r", start);
  for (int i = 0; i < 100; ++i) {
    CHECK(rights.use("r", start + 1min));
  }
  CHECK_FALSE(rights.use("r", start + 61s));
  CHECK(rights.size() == 0);
  ReplyRights endless({.messages_max = 1, .expires = -1s});
  endless.grant("r", start);
  CHECK(endless.use("r", start + 1000h));
}

TEST_CASE("the oldest rights to answer go first") {
  ReplyRights rights({});
  for (std::size_t i = 0; i <= base::reply_rights_max; ++i) {
    rights.grant("r." + std::to_string(i), start);
  }
  CHECK(rights.size() == base::reply_rights_max);
  CHECK_FALSE(rights.use("r.0", start));
  CHECK(rights.use("r.1", start));
}
