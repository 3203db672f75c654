#include "wire/quote.h"

#include <catch2/catch.hpp>

using frond::wire::quoted;

TEST_CASE("text is quoted as Go's %q does") {
  CHECK(quoted("foo.>") == "\"foo.>\"");
  CHECK(quoted("a\"b\\c") == "\"a\\\"b\\\\c\"");
  CHECK(quoted("\t\n\x01\x7f") == "\"\\t\\n\\x01\\x7f\"");
  CHECK(quoted("h\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80") ==
        "\"h\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"");
  CHECK(quoted("\xff\xC3") == "\"\\xff\\xc3\"");
  CHECK(quoted("\xED\xA0\x80") == "\"\\xed\\xa0\\x80\"");
  CHECK(quoted("") == "\"\"");
}
