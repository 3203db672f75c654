#include "wire/json_syntax.h"

#include <catch2/catch.hpp>
#include <string>

using frond::wire::json_syntax_error;

// The texts are what nats-server 2.15.1 answers to these bodies, behind "invalid JSON: ".
TEST_CASE("json syntax: faults in nats-server's words") {
  CHECK(json_syntax_error("xyz") ==
        "invalid character 'x' looking for beginning of value at offset 1");
  CHECK(json_syntax_error("not json") ==
        "invalid character 'o' in literal null (expecting 'u') at offset 2");
  CHECK(json_syntax_error(R"({"a" 1})") == "invalid character '1' after object key at offset 6");
  CHECK(json_syntax_error("{a:1}") ==
        "invalid character 'a' looking for beginning of object key string at offset 2");
  CHECK(json_syntax_error(R"({"name":"S"} x)") ==
        "invalid character 'x' looking for beginning of value at offset 14");
  CHECK(json_syntax_error(R"({"name":tru})") ==
        "invalid character '}' in literal true (expecting 'e') at offset 12");
  CHECK(json_syntax_error(R"({"name":"S",})") ==
        "invalid character '}' looking for beginning of object key string at offset 13");
  CHECK(json_syntax_error(R"({"name":"S" "b":1})") ==
        "invalid character '\"' after object key:value pair at offset 13");
  CHECK(json_syntax_error(R"({"name":1.2.3})") ==
        "invalid character '.' after object key:value pair at offset 12");
  CHECK(json_syntax_error(R"({"name":"\q"})") ==
        "invalid escape sequence `\\q` in string at offset 11");
  CHECK(json_syntax_error(R"({"name":"S"])") ==
        "invalid character ']' after object key:value pair at offset 12");
  CHECK(json_syntax_error("\x01") ==
        "invalid character '\\x01' looking for beginning of value at offset 1");
  CHECK(json_syntax_error("\xC3\xA9") ==
        "invalid character '\xC3\xA9' looking for beginning of value at offset 2");
}

TEST_CASE("json syntax: a text that ends too early") {
  for (const std::string text : {R"({"name":"S","subjects":[1,)", "nul", "{", "-", R"({"name":)",
                                 R"({"name)", "[", "[1", R"(["a\)", R"("\u12)", "1e", ""}) {
    CAPTURE(text);
    CHECK(json_syntax_error(text) == "unexpected EOF");
  }
}

TEST_CASE("json syntax: nothing wrong") {
  for (const std::string text :
       {"{}", "[]", " {\"a\" : [1, -2.5e+3, {\"b\":null}], \"c\":\"\\u00e9\\n\"} ", "true", "\"x\"",
        "0", "[[[]],{}]"}) {
    CAPTURE(text);
    CHECK(json_syntax_error(text).empty());
  }
}
