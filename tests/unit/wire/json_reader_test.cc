#include "wire/json_reader.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using frond::wire::Json;
using frond::wire::ObjectReader;
using frond::wire::parse_json;

namespace {
Json parsed(std::string_view text) {
  Json value;
  REQUIRE(parse_json(text, value) == "");
  return value;
}
}  // namespace

TEST_CASE("typed fields are read and unknown ones are named in Go's words") {
  const Json value =
      parsed(R"({"name":"a","N":3,"flag":true,"list":["x","y"],"map":{"k":"v"},"late":1500})");
  std::string error, name;
  std::int64_t number = 0;
  bool flag = false;
  std::vector<std::string> list;
  std::map<std::string, std::string> map;
  frond::Duration late{0};
  ObjectReader reader(value, "Config", error);
  reader.read("name", name);
  reader.read("n", number);
  reader.read("flag", flag);
  reader.read("list", list);
  reader.read("map", map);
  SECTION("all known") {
    reader.read("late", late);
    reader.finish();
    CHECK(error.empty());
    CHECK(name == "a");
    CHECK(number == 3);
    CHECK(flag);
    CHECK(list == std::vector<std::string>{"x", "y"});
    CHECK(map.at("k") == "v");
    CHECK(late.count() == 1500);
  }
  SECTION("one unknown") {
    reader.finish();
    CHECK(error == "json: unknown field \"late\"");
  }
}

TEST_CASE("a field of the wrong type is an error, never a crash") {
  const Json value = parsed(R"({"max":"many","text":5,"small":99999999999,"neg":-1,"half":0.5})");
  const auto error_of = [&](auto&& read) {
    std::string error;
    ObjectReader reader(value, "StreamConfig", error);
    read(reader);
    return error;
  };
  std::int64_t wide = 0;
  std::int32_t small = 0;
  std::uint64_t natural = 0;
  std::string text;
  CHECK(error_of([&](ObjectReader& r) { r.read("max", wide); }) ==
        "json: cannot unmarshal string into Go struct field StreamConfig.max of type int64");
  CHECK(error_of([&](ObjectReader& r) { r.read("text", text); }) ==
        "json: cannot unmarshal number into Go struct field StreamConfig.text of type string");
  CHECK(error_of([&](ObjectReader& r) { r.read("small", small); }) ==
        "json: cannot unmarshal number 99999999999 into Go struct field StreamConfig.small of type "
        "int32");
  CHECK(error_of([&](ObjectReader& r) { r.read("neg", natural); }) ==
        "json: cannot unmarshal number -1 into Go struct field StreamConfig.neg of type uint64");
  CHECK(error_of([&](ObjectReader& r) { r.read("half", wide); }) ==
        "json: cannot unmarshal number 0.5 into Go struct field StreamConfig.half of type int64");
}

TEST_CASE("texts that are no JSON, too deep or blank") {
  Json value;
  CHECK(parse_json("", value) == "");
  CHECK(value.is_null());
  CHECK(parse_json("xyz", value) ==
        "invalid character 'x' looking for beginning of value at offset 1");
  CHECK(parse_json("{\"a\":", value) == "unexpected EOF");
  CHECK(parse_json("not json", value) ==
        "invalid character 'o' in literal null (expecting 'u') at offset 2");
  CHECK(parse_json(std::string(100000, '['), value) == "exceeded max depth");
  std::string error;
  ObjectReader reader(parsed("[]"), "Config", error);
  CHECK(error == "json: cannot unmarshal array into Go value of type server.Config");
}

TEST_CASE("printing escapes as Go does and survives broken UTF-8") {
  CHECK(frond::wire::print_json(Json{{"subject", "a.>"}, {"b", "<&"}}) ==
        R"({"subject":"a.\u003e","b":"\u003c\u0026"})");
  CHECK(frond::wire::print_json(Json("\xff")) == "\"\xef\xbf\xbd\"");
}
