#include "store/file_name.h"

#include "base/limits.h"

#include <catch2/catch.hpp>

#include <set>

using namespace frond;
using store::choose_file_name;
using store::folded;

namespace {

std::string free_name(std::string_view name) {
  return choose_file_name(name, [](const std::string&) { return false; });
}

}  // namespace

TEST_CASE("file name: a short name is itself, percent-encoded") {
  CHECK(free_name("ORDERS-2_x") == "ORDERS-2_x");
  CHECK(free_name("a b") == "a%20b");
  CHECK(free_name("\xC3\xA4%~") == "%C3%A4%25%7E");
  CHECK(free_name(std::string(base::file_name_bytes_max, 'x')) ==
        std::string(base::file_name_bytes_max, 'x'));
}

TEST_CASE("file name: bounded and plain for every legal name, and never the same twice") {
  std::set<std::string> used;
  std::vector<std::string> names;
  for (const std::size_t size : {1, 20, 21, 22, 46, 47, 48, 49, 63, 64, 65, 66, 254, 255}) {
    for (const char* unit : {"x", "X", "%", "~", "\xE4", "\xC3\xA4", "-"}) {
      std::string name;
      while (name.size() < size) name += unit;
      names.push_back(name);
      names.push_back(name + "a");
      names.push_back("a" + name);
    }
  }
  for (const std::string& name : std::set(names.begin(), names.end())) {
    const std::string file =
        choose_file_name(name, [&](const std::string& lower) { return used.contains(lower); });
    INFO(file);
    CHECK(file.size() <= base::file_name_bytes_max);
    CHECK(used.insert(folded(file)).second);
    CHECK(file.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                 "-_%~") == std::string::npos);
    // No cut through a percent-encoded byte.
    const std::size_t percent = file.rfind('%');
    if (percent != std::string::npos) {
      CHECK(file.substr(percent + 1, 2).find_first_not_of("0123456789ABCDEF") == std::string::npos);
    }
  }
}

TEST_CASE("file name: what differs in case only, or is a device on Windows, is kept apart") {
  std::set<std::string> used;
  const auto choose = [&](std::string_view name) {
    const std::string file =
        choose_file_name(name, [&](const std::string& lower) { return used.contains(lower); });
    CHECK(used.insert(folded(file)).second);
    return file;
  };
  CHECK(choose("Orders") == "Orders");
  CHECK(choose("orders").starts_with("orders~"));
  CHECK(choose("ORDERS").starts_with("ORDERS~"));
  for (const char* name : {"con", "NUL", "Aux", "prn", "COM1", "lpt9"}) {
    CHECK(free_name(name).starts_with(std::string(name) + "~"));
  }
  CHECK(free_name("console") == "console");
  CHECK(free_name("COM") == "COM");
  CHECK(free_name("COMX") == "COMX");
  // The same name and the same neighbours: the same place.
  CHECK(free_name(std::string(200, 'q')) == free_name(std::string(200, 'q')));
  CHECK(free_name(std::string(200, 'q')) != free_name(std::string(201, 'q')));
}

TEST_CASE("file name: a hash that is taken goes on to the next") {
  std::set<std::string> used;
  for (int i = 0; i < 3; ++i) {
    const std::string file = choose_file_name(
        std::string(100, 'n'), [&](const std::string& lower) { return used.contains(lower); });
    CHECK(used.insert(folded(file)).second);
  }
}
