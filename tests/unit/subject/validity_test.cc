#include "subject/validity.h"

#include <catch2/catch.hpp>
#include <string>

using namespace frond::subject;
using namespace std::string_literals;

TEST_CASE("valid subjects (SU-01, SU-02)") {
  for (const char* subject :
       {"a", "a.b", "foo.*", "foo.>", ">", "*", "*.*", "foo.*.bar", "foo>.bar", "foo*", "*bar.x",
        ">>", "**", "$JS.API.>", "ключ.é", "a>b.*c"}) {
    CAPTURE(subject);
    CHECK(valid(subject));
  }
}

TEST_CASE("invalid subjects (SU-01, SU-02)") {
  for (const std::string& subject :
       {""s, "."s, ".a"s, "a."s, "a..b"s, "foo.>.bar"s, ">.a"s, ">.>"s, "a b"s, "a\tb"s, "a\rb"s,
        "a\nb"s, "a\fb"s, "a\0b"s, " "s, "a. .b"s}) {
    CAPTURE(subject);
    CHECK_FALSE(valid(subject));
    CHECK_FALSE(valid_literal(subject));
  }
}

TEST_CASE("a subject has at most 256 tokens") {
  std::string subject = "a";
  for (int i = 1; i < 256; ++i) {
    subject += ".a";
  }
  CHECK(valid(subject));
  CHECK_FALSE(valid(subject + ".a"));
}

TEST_CASE("wildcards are whole tokens") {
  CHECK(has_wildcards("a.*"));
  CHECK(has_wildcards("*"));
  CHECK(has_wildcards("a.*.b"));
  CHECK(has_wildcards(">"));
  CHECK(has_wildcards("a.>"));
  CHECK_FALSE(has_wildcards("a.b"));
  CHECK_FALSE(has_wildcards("a*.b>"));
  CHECK(valid_literal("a*.b>"));
  CHECK_FALSE(valid_literal("a.*"));
}
