#include "server/conf/parser.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace frond::server;

namespace {

const ConfValue& at(const ConfMap& map, std::string_view key) {
  for (const auto& [name, value] : map) {
    if (name == key) {
      return value;
    }
  }
  FAIL("no key " << key);
  std::abort();
}
const ConfMap& map_at(const ConfMap& map, std::string_view key) {
  return std::get<ConfMap>(at(map, key).data);
}
std::string text_at(const ConfMap& map, std::string_view key) {
  return std::get<std::string>(at(map, key).data);
}
std::int64_t number_at(const ConfMap& map, std::string_view key) {
  return std::get<std::int64_t>(at(map, key).data);
}
std::string error_of(std::string_view text) {
  try {
    parse_conf(text, "x.conf");
  } catch (const ConfError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("keys take their values with a colon, an equals sign or neither") {
  const ConfMap map = parse_conf("a: 1\nb = 2\nc 3\nd {x:4}\ne [5, six\n 7]\n", "x.conf");
  CHECK(number_at(map, "a") == 1);
  CHECK(number_at(map, "b") == 2);
  CHECK(number_at(map, "c") == 3);
  CHECK(number_at(map_at(map, "d"), "x") == 4);
  const auto& array = std::get<ConfArray>(at(map, "e").data);
  REQUIRE(array.size() == 3);
  CHECK(std::get<std::string>(array[1].data) == "six");
  CHECK(at(map, "c").line == 3);
}

TEST_CASE("words become booleans, numbers, sizes or text") {
  const ConfMap map = parse_conf(
      "t: on, f: no, k: 2k, kb: 2KB, mib: 1MiB, g: 1G, minus: -1, addr: 127.0.0.1:-1,"
      " d: 2m, ms: 250ms, real: 0.5, v: 2.10.1, url: nats://u:p@h:1",
      "x.conf");
  CHECK(std::get<bool>(at(map, "t").data));
  CHECK_FALSE(std::get<bool>(at(map, "f").data));
  CHECK(number_at(map, "k") == 2000);
  CHECK(number_at(map, "kb") == 2048);
  CHECK(number_at(map, "mib") == 1048576);
  CHECK(number_at(map, "g") == 1000000000);
  CHECK(number_at(map, "minus") == -1);
  CHECK(text_at(map, "addr") == "127.0.0.1:-1");
  CHECK(at(map, "d").text == "2m");
  CHECK(text_at(map, "ms") == "250ms");
  CHECK(std::get<double>(at(map, "real").data) == 0.5);
  CHECK(text_at(map, "v") == "2.10.1");
  CHECK(text_at(map, "url") == "nats://u:p@h:1");
}

TEST_CASE("comments, quotes, escapes and blocks") {
  const ConfMap map = parse_conf(
      "# one\n// two\na: \"x # y\\n\\x41\" # three\nb: 'raw\\n'\nc: (\nline 1\nline 2\n)\nd: 1;e: "
      "2\n"
      "\"f g\": 3\nh\n{ i: 1 }\n",
      "x.conf");
  CHECK(text_at(map, "a") == "x # y\nA");
  CHECK(text_at(map, "b") == "raw\\n");
  CHECK(text_at(map, "c") == "\nline 1\nline 2");
  CHECK(number_at(map, "e") == 2);
  CHECK(number_at(map, "f g") == 3);
  CHECK(number_at(map_at(map, "h"), "i") == 1);
}

TEST_CASE("JSON is a configuration too") {
  const ConfMap map =
      parse_conf(R"({"port": 4333, "jetstream": {"store_dir": "/x"}, "l": ["a"]})", "x");
  CHECK(number_at(map, "port") == 4333);
  CHECK(text_at(map_at(map, "jetstream"), "store_dir") == "/x");
}

TEST_CASE("variables come from the file, inner blocks first, then from the environment") {
  ::setenv("FROND_TEST_PORT", "4001", 1);
  const ConfMap map = parse_conf(
      "A: 1\nb: $A\nc { A: 2, d: $A }\ne: $FROND_TEST_PORT\npass: $2a$11$abc\n", "x.conf");
  CHECK(number_at(map, "b") == 1);
  CHECK(number_at(map_at(map, "c"), "d") == 2);
  CHECK(number_at(map, "e") == 4001);
  CHECK(text_at(map, "pass") == "$2a$11$abc");
  CHECK(at(map, "A").variable);
  CHECK_FALSE(at(map, "b").variable);
}

TEST_CASE("the last of two equal keys wins, and says that it is the last") {
  const ConfMap map = parse_conf("a: 1\na: 2\nb: $a\nc: $a", "x.conf");
  CHECK(number_at(map, "a") == 2);
  CHECK(at(map, "a").again);
  for (const char* copy : {"b", "c"}) {
    CHECK_FALSE(at(map, copy).again);
    CHECK_FALSE(at(map, copy).variable);
  }
}

TEST_CASE("values are parted by a comma, a semicolon or a new line") {
  for (const char* good : {
           "a: 1;b: 2",
           "a: 1,b: 2",
           "a: 1\r\nb: 2\r\n",
           "a: 1\rb: 2",
           "a: 1 # c\nb: 2",
           "a {b: 1; c: 2, d: 3\n}",
           "a {b: 1,}",
           "a [1, 2\n3 # c\n 4]",
           "a [1,]",
           "a [{b: 1}\n{b: 2}]",
           "{\"a\": {\"b\": [1, 2]}, \"c\": 3}",
           "a: (\nx\n)\nb: 1",
           "# c\ra: 1",
       }) {
    INFO(good);
    CHECK(error_of(good) == "no error");
  }
  CHECK(parse_conf("# c\ra: 1", "x.conf").size() == 1);
  const std::string top =
      "x.conf:1: Expected a top-level value to end with a new line, comment or EOF, but got '";
  CHECK(error_of("a: 1 b: 2") == top + "b' instead.");
  CHECK(error_of("a {} b {}") == top + "b' instead.");
  CHECK(error_of("a: \"x\"y: 2") == top + "y' instead.");
  CHECK(error_of("a: b{c: 1}") == top + "{' instead.");
  const std::string in_map =
      "x.conf:1: Expected a map value terminator \",\" or a map terminator \"}\", but got '";
  CHECK(error_of("a { b: 1 c: 2 }") == in_map + "c' instead.");
  CHECK(error_of("a { b {} c {} }") == in_map + "c' instead.");
  const std::string in_array =
      "x.conf:1: Expected an array value terminator \",\" or an array terminator \"]\", but got '";
  CHECK(error_of("a [1 2]") == in_array + "2' instead.");
  CHECK(error_of("a [{} {}]") == in_array + "{' instead.");
  CHECK(error_of("a [1; 2]") == in_array + ";' instead.");
  for (const char* bad : {"a: 1,,b: 2", ",a: 1", "a [,]", "a [1,,2]", "a{b: 1}", "a:\n{b: 1}",
                          "a: b'c", "a: b\\tc", "a: -b", "a: -"}) {
    INFO(bad);
    CHECK(error_of(bad).starts_with("x.conf:1: "));
  }
}

TEST_CASE("included files join the block they stand in") {
  const auto dir = std::filesystem::temp_directory_path() / "frond-conf-include";
  std::filesystem::create_directories(dir);
  std::ofstream(dir / "inner.conf") << "x: 5\n";
  std::ofstream(dir / "outer.conf") << "a { include ./inner.conf }\nb: 1\n";
  std::ofstream(dir / "loop.conf") << "include 'loop.conf'\n";
  const ConfMap map = parse_conf_file((dir / "outer.conf").string());
  CHECK(number_at(map_at(map, "a"), "x") == 5);
  CHECK(number_at(map, "b") == 1);
  CHECK_THROWS_AS(parse_conf_file((dir / "loop.conf").string()), ConfError);
  CHECK_THROWS_AS(parse_conf_file((dir / "none.conf").string()), ConfError);
  std::filesystem::remove_all(dir);
}

TEST_CASE("errors name the file and the line") {
  CHECK(error_of("a: 1\nb: {\nc: 2\n") == "x.conf:4: '}' is missing");
  CHECK(error_of("a: [1, 2") == "x.conf:1: ']' is missing");
  CHECK(error_of("a: \"x") == "x.conf:1: the closing quote is missing");
  CHECK(error_of("a: 1\n}") == "x.conf:2: unexpected '}'");
  CHECK(error_of("\n\na:\nb: 1") == "x.conf:3: key \"a\" has no value");
  CHECK(error_of("a: $NOWHERE_TO_BE_FOUND") ==
        "x.conf:1: variable reference for 'NOWHERE_TO_BE_FOUND' can not be found");
  CHECK(error_of(std::string(200, '{')).find("x.conf:1:") == 0);
  CHECK(error_of("a: " + std::string(200, '[')) == "x.conf:1: nested too deep");
}

TEST_CASE("a file that cannot be read is not an empty one") {
  const auto dir = std::filesystem::temp_directory_path() / "frond-conf-unreadable";
  std::filesystem::create_directories(dir / "folder");
  std::ofstream(dir / "outer.conf") << "port: 1\nauthorization { include folder }\n";
  const auto error_of_file = [](const std::filesystem::path& path) -> std::string {
    try {
      parse_conf_file(path.string());
    } catch (const ConfError& error) {
      return error.what();
    }
    return "no error";
  };
  CHECK(error_of_file(dir) == "read " + dir.string() + ": is a directory");
  CHECK(error_of_file(dir / "none") ==
        "open " + (dir / "none").string() + ": no such file or directory");
  CHECK(error_of_file("/proc/self/mem") == "read /proc/self/mem: input/output error");
  CHECK(error_of_file(dir / "outer.conf") == (dir / "outer.conf").string() +
                                                 ":2: error parsing include file 'folder', read " +
                                                 (dir / "folder").string() + ": is a directory");
  std::filesystem::remove_all(dir);
}
