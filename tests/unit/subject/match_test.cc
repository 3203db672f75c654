#include "subject/match.h"

#include <catch2/catch.hpp>

using namespace frond::subject;

TEST_CASE("a filter matches literals") {
  CHECK(matches("foo", "foo"));
  CHECK_FALSE(matches("foo", "bar"));
  CHECK(matches("*", "foo"));
  CHECK_FALSE(matches("*", "foo.bar"));
  CHECK(matches(">", "foo"));
  CHECK(matches(">", "foo.bar.baz"));
  CHECK(matches("foo.*.baz", "foo.bar.baz"));
  CHECK_FALSE(matches("foo.*.baz", "foo.bar.bat"));
  CHECK(matches("foo.>", "foo.bar"));
  CHECK_FALSE(matches("foo.>", "foo"));
  CHECK_FALSE(matches("foo.*", "foo"));
  CHECK_FALSE(matches("foo", "foo.bar"));
  CHECK(matches("foo*.b>", "foo*.b>"));
  CHECK_FALSE(matches("foo*", "foox"));
}

TEST_CASE("a filter is a subset of a wider one") {
  CHECK(is_subset("foo.bar", "foo.bar"));
  CHECK(is_subset("foo.*", ">"));
  CHECK(is_subset("foo.*", "*.*"));
  CHECK(is_subset("foo.*", "foo.*"));
  CHECK(is_subset("foo.*", "foo.>"));
  CHECK(is_subset("foo.>", "foo.>"));
  CHECK(is_subset("foo.>", ">"));
  CHECK_FALSE(is_subset("foo.*", "foo.bar"));
  CHECK_FALSE(is_subset("foo.>", "foo.*"));
  CHECK_FALSE(is_subset(">", "*"));
  CHECK_FALSE(is_subset("foo", "foo.>"));
  CHECK_FALSE(is_subset("foo.bar.*", "foo.*"));
}

TEST_CASE("two filters overlap when a literal matches both") {
  const auto both = [](const char* a, const char* b) {
    CHECK(overlap(a, b) == overlap(b, a));
    return overlap(a, b);
  };
  CHECK(both("foo.*", "foo.*.bar.>") == false);
  CHECK(both("foo.*.bar.>", "foo.*.bar.>"));
  CHECK(both("foo.*", "foo.bar"));
  CHECK(both("foo.*.bar", "foo.bar.*"));
  CHECK(both("*.bar", "foo.*"));
  CHECK(both("foo.>", "foo.bar.baz"));
  CHECK(both(">", "a"));
  CHECK_FALSE(both("foo.>", "foo"));
  CHECK_FALSE(both("foo.>", "bar.>"));
  CHECK_FALSE(both("foo.*", "foo.*.*"));
  CHECK_FALSE(both("a", "b"));
  CHECK(both("a", "a"));
  CHECK_FALSE(both("a.*.c", "a.b.d"));
}
