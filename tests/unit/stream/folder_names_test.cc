#include "rig.h"

#include <cctype>
#include <set>

using namespace frond;
using namespace frond::test;

TEST_CASE("names of any length and spelling have files of their own, found by what they say") {
  Rig rig(GENERATE(true, false));
  std::vector<std::string> names{"orders",
                                 "Orders",
                                 "ORDERS",
                                 "con",
                                 "NUL",
                                 "a%20b",
                                 "~",
                                 "\xC3\xA4",
                                 std::string(255, 'x'),
                                 std::string(254, 'x') + "X",
                                 std::string(255, '%'),
                                 std::string(85, '\x7F')};
  for (int i = 0; i < 100; ++i) {
    std::string umlauts;
    while (umlauts.size() < 250) umlauts += "\xC3\xA4";
    names.push_back(umlauts + std::to_string(i));
  }
  std::vector<std::string> made;
  for (const std::string& name : names) {
    stream::StreamConfig config;
    config.name = name;
    config.subjects = {"s" + std::to_string(made.size())};
    const stream::StreamOutcome outcome = rig.streams->create(config, rig.now);
    INFO(outcome.error.description);
    REQUIRE(outcome.stream != nullptr);
    rig.publish(*outcome.stream, config.subjects[0], "of " + name);
    made.push_back(name);
  }
  rig.commit();
  std::set<std::string> folded;
  for (const auto& [path, contents] : rig.files.files) {
    CHECK(path.size() <= 155);
    std::string lower = path;
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    CHECK(folded.insert(lower).second);
  }
  CHECK(rig.open().empty());
  for (const std::string& name : made) {
    stream::Stream* s = rig.streams->find(name);
    REQUIRE(s != nullptr);
    CHECK(payload_of(*s, 1) == "of " + name);
  }
  // Deleted and made again under one of two names that differ in case only.
  rig.streams->remove("Orders", rig.now);
  rig.commit();
  CHECK(rig.open().empty());
  CHECK(rig.streams->find("Orders") == nullptr);
  CHECK(payload_of(*rig.streams->find("orders"), 1) == "of orders");
  CHECK(payload_of(*rig.streams->find("ORDERS"), 1) == "of ORDERS");
}
