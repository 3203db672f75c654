#include "store/subject_filter.h"

#include <catch2/catch.hpp>

using namespace frond::store;

TEST_CASE("subject filter: what all that matches begins with") {
  CHECK(literal_prefix("a.b.c") == "a.b.c");
  CHECK(literal_prefix("a.b.*") == "a.b.");
  CHECK(literal_prefix("a.*.c") == "a.");
  CHECK(literal_prefix("a.b.>") == "a.b.");
  CHECK(literal_prefix(">").empty());
  CHECK(literal_prefix("*.a").empty());
  CHECK(literal_prefix("a*.b>").ends_with("b>"));  // No wildcards: they are tokens of their own.
  CHECK(literal_prefix("").empty());
}

TEST_CASE("subject filter: wildcards are whole tokens, and no filter matches all") {
  CHECK(filter_has_wildcard("a.*"));
  CHECK(filter_has_wildcard(">"));
  CHECK_FALSE(filter_has_wildcard("a*.b>"));
  CHECK(filter_matches("", "a.b"));
  CHECK(filter_matches("a.*", "a.b"));
  CHECK_FALSE(filter_matches("a.*", "a.b.c"));
  CHECK(filter_matches("a.>", "a.b.c"));
  CHECK_FALSE(filter_matches("a.>", "a"));
  CHECK_FALSE(filter_matches("a.b", "a.c"));
}
