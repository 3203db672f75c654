#include "stream/error_table.h"

#include <catch2/catch.hpp>

using frond::stream::api_error;

TEST_CASE("errors carry NATS's code and text, with placeholders filled in order") {
  const auto missing = api_error(10014);
  CHECK(missing.code == 404);
  CHECK(missing.err_code == 10014);
  CHECK(missing.description == "consumer not found");
  CHECK(api_error(10071, {"7"}).description == "wrong last sequence: 7");
  CHECK(api_error(10021, {"$JS.x.API", "a.>"}).description ==
        "stream external api prefix $JS.x.API must not overlap with a.>");
  CHECK(api_error(10025, {"{braces}"}).description == "invalid JSON: {braces}");
}
