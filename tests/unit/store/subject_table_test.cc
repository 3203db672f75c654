#include "store/subject_table.h"

#include "subject/match.h"
#include "support/fake_storage.h"

#include <catch2/catch.hpp>

#include <map>
#include <set>
#include <string>
#include <vector>

using namespace frond;
using store::SequenceList;
using store::SubjectTable;

TEST_CASE("sequence list: one sequence, many, and back") {
  SequenceList list;
  CHECK(list.empty());
  CHECK(list.lower_bound(0) == 0);
  list.push_back(5);
  CHECK(list.size() == 1);
  CHECK(list.front() == 5);
  CHECK(list.back() == 5);
  CHECK(list.lower_bound(5) == 0);
  CHECK(list.lower_bound(6) == 1);
  list.push_back(9);
  list.push_back(12);
  CHECK(list.size() == 3);
  CHECK(list.front() == 5);
  CHECK(list.at(1) == 9);
  CHECK(list.back() == 12);
  CHECK(list.lower_bound(9) == 1);
  CHECK(list.lower_bound(10) == 2);
  CHECK(list.lower_bound(13) == 3);
  list.remove(9);
  CHECK(list.at(1) == 12);
  list.remove(5);
  CHECK(list.front() == 12);
  CHECK(list.size() == 1);
  list.remove(12);
  CHECK(list.empty());
  list.push_back(20);
  CHECK(list.front() == 20);
}

TEST_CASE("sequence list: removed from the front for long, it stays a list of what is left") {
  SequenceList list;
  std::set<std::uint64_t> model;
  test::TestEntropy random(7);
  for (std::uint64_t at = 1; at <= 2000; ++at) {
    list.push_back(at);
    model.insert(at);
    while (model.size() > 40) {
      const std::uint64_t gone =
          random.below(4) == 0 ? *std::next(model.begin(), 17) : *model.begin();
      list.remove(gone);
      model.erase(gone);
    }
    REQUIRE(list.size() == model.size());
    REQUIRE(list.front() == *model.begin());
    REQUIRE(list.back() == *model.rbegin());
    const std::uint64_t asked = at > 50 ? at - random.below(50) : at;
    REQUIRE(list.lower_bound(asked) ==
            static_cast<std::size_t>(std::distance(model.begin(), model.lower_bound(asked))));
  }
  std::size_t index = 0;
  for (const std::uint64_t at : model) CHECK(list.at(index++) == at);
}

TEST_CASE("subject table: a subject without messages is not there, its id comes back with it") {
  SubjectTable table;
  CHECK_FALSE(table.find("a"));
  const store::SubjectId a = table.id_for("a");
  CHECK(table.size() == 0);
  CHECK_FALSE(table.find("a"));
  table.add(a, 1);
  CHECK(table.size() == 1);
  CHECK(table.find("a") == a);
  CHECK(table.id_for("a") == a);
  const store::SubjectId b = table.id_for("b");
  CHECK(b != a);
  table.add(b, 2);
  table.remove(a, 1);
  CHECK(table.size() == 1);
  CHECK_FALSE(table.find("a"));
  CHECK(table.find("b") == b);
  table.add(table.id_for("a"), 3);
  CHECK(table.size() == 2);
  CHECK(table.sequences(*table.find("a")).front() == 3);
  CHECK(table.name(b) == "b");
}

TEST_CASE("subject table: wildcards find what matches, however subjects come and go") {
  SubjectTable table;
  std::map<std::string, std::set<std::uint64_t>> model;
  test::TestEntropy random(GENERATE(1, 2));
  std::uint64_t sequence = 0;
  const auto check = [&](std::string_view filter) {
    INFO(filter);
    std::set<std::string> expected;
    for (const auto& [subject, sequences] : model) {
      if (subject::matches(filter, subject)) expected.insert(subject);
    }
    std::set<std::string> found;
    std::size_t visits = 0;
    std::size_t steps = 1'000'000;
    const bool all = table.each_matching(filter, steps, [&](store::SubjectId id) {
      ++visits;
      found.insert(std::string(table.name(id)));
      CHECK(table.sequences(id).size() == model.at(std::string(table.name(id))).size());
    });
    CHECK(all);
    CHECK(visits == found.size());
    CHECK(found == expected);
  };
  for (int step = 0; step < 6000; ++step) {
    if (model.empty() || random.below(10) < 7) {
      // "ab" sorts between "a" and "b": a prefix is cut at its dot.
      const std::string subject = std::string(1, "abc"[random.below(3)]) +
                                  (random.below(2) == 0 ? "" : "b") + "." +
                                  std::to_string(random.below(900));
      table.add(table.id_for(subject), ++sequence);
      model[subject].insert(sequence);
    } else {
      const auto chosen = std::next(model.begin(), static_cast<long>(random.below(model.size())));
      const auto id = table.find(chosen->first);
      REQUIRE(id);
      for (const std::uint64_t at : chosen->second) table.remove(*id, at);
      model.erase(chosen);
    }
    REQUIRE(table.size() == model.size());
    if (step % 1000 == 999) {
      for (const char* filter : {">", "a.*", "ab.>", "*.7", "b.12", "c.*.x", "*"}) check(filter);
    }
    if (step % 2000 == 1999) {
      // Nearly all go at once: ids are used again and none of the dead is found.
      while (model.size() > 3) {
        const auto last = std::prev(model.end());
        for (const std::uint64_t at : last->second) table.remove(*table.find(last->first), at);
        model.erase(last);
      }
      check(">");
    }
  }
}

namespace {

/// A table of subjects with few different tokens, some of which begin like others or sort before
/// the dot.
struct Deep {
  SubjectTable table;
  std::set<std::string> subjects;
  test::TestEntropy random{3};

  std::string some(bool filter) {
    static const std::vector<std::string> tokens = {"a", "ab", "a-b", "b", "b!", "0", "*", ">"};
    std::string out;
    for (std::size_t left = 1 + random.below(4); left > 0; --left) {
      const std::string& token = tokens[random.below(filter ? (left == 1 ? 8 : 7) : 6)];
      out += (out.empty() ? "" : ".") + token;
    }
    return out;
  }
  void put(std::size_t count) {
    while (subjects.size() < count) {
      const std::string subject = some(false);
      if (!subjects.insert(subject).second) continue;
      table.add(table.id_for(subject), subjects.size());
    }
  }
  void check(const std::vector<std::string>& patterns) {
    CAPTURE(patterns);
    const subject::FilterSet filters(patterns);
    std::multiset<std::string> found;
    std::size_t steps = 1'000'000;
    REQUIRE(table.each_matching(
        filters, steps, [&](store::SubjectId id) { found.insert(std::string(table.name(id))); }));
    std::multiset<std::string> expected;
    for (const std::string& one : subjects) {
      if (filters.matches(one)) expected.insert(one);
    }
    REQUIRE(found == expected);
  }
};

}  // namespace

TEST_CASE("subject table: any filter finds what it matches, once, alone and among others") {
  Deep deep;
  for (const std::size_t count : {5, 60, 200, 700}) {
    deep.put(count);
    for (int i = 0; i < 400; ++i) {
      const std::string filter = deep.some(true);
      deep.check({filter});
      deep.check({filter, deep.some(true), deep.some(true)});
    }
  }
}

TEST_CASE("subject table: tokens behind a wildcard narrow the search") {
  SubjectTable table;
  std::uint64_t sequence = 0;
  for (int region = 0; region < 8; ++region) {
    for (int id = 0; id < 5000; ++id) {
      const std::string subject = "o.eu-" + std::to_string(region) + "." + std::to_string(id);
      table.add(table.id_for(subject), ++sequence);
    }
  }
  const auto looks = [&](std::string_view filter, std::size_t matches) {
    INFO(filter);
    std::size_t steps = 1'000'000;
    std::size_t found = 0;
    CHECK(table.each_matching(filter, steps, [&](store::SubjectId) { ++found; }));
    CHECK(found == matches);
    return 1'000'000 - steps;
  };
  CHECK(looks("o.*.17", 8) < 50);
  CHECK(looks("o.eu-3.>", 5000) < 5100);
  CHECK(looks("*.eu-9.>", 0) < 5);
  CHECK(looks("o.*.*.x", 0) < 41'000);
  std::size_t steps = 10;
  std::size_t found = 0;
  CHECK_FALSE(table.each_matching("o.*.>", steps, [&](store::SubjectId) { ++found; }));
  CHECK(found == 10);
  // New ones are found where they belong.
  table.add(table.id_for("o.eu-3.17x"), ++sequence);
  CHECK(looks("o.*.17x", 1) < 50);
}
