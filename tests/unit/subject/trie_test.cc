#include "subject/trie.h"

#include "subject/match.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

using frond::subject::Trie;

namespace {

using Names = std::vector<std::string>;

Names matching(const Trie<std::string>& trie, std::string_view literal) {
  Names found;
  trie.match_literal(literal, [&found](const std::string& value) { found.push_back(value); });
  std::sort(found.begin(), found.end());
  return found;
}
Names under(const Trie<std::string>& trie, std::string_view filter) {
  Names found;
  trie.match_filter(filter, [&found](std::string_view subject, const std::string& value) {
    CHECK(subject == value);
    found.emplace_back(subject);
  });
  std::sort(found.begin(), found.end());
  return found;
}
Trie<std::string> filled(const Names& subjects) {
  Trie<std::string> trie;
  for (const std::string& subject : subjects) {
    trie.at(subject) = subject;
  }
  return trie;
}

}  // namespace

TEST_CASE("trie: patterns that match a literal") {
  const Trie<std::string> trie = filled(
      {"foo", "foo.bar", "foo.*", "foo.>", ">", "*", "*.bar", "*.*", "foo.*.baz", "foo.bar.>"});
  CHECK(matching(trie, "foo") == Names{"*", ">", "foo"});
  CHECK(matching(trie, "foo.bar") == Names{"*.*", "*.bar", ">", "foo.*", "foo.>", "foo.bar"});
  CHECK(matching(trie, "foo.bar.baz") == Names{">", "foo.*.baz", "foo.>", "foo.bar.>"});
  CHECK(matching(trie, "x.y.z") == Names{">"});
  CHECK(matching(trie, "").empty());
  CHECK(matching(trie, "foo..bar").empty());
  CHECK(matching(trie, ".").empty());
}

TEST_CASE("trie: a published wildcard is a literal") {
  const Trie<std::string> trie = filled({"a.*", "a.>", "a.b"});
  CHECK(matching(trie, "a.*") == Names{"a.*", "a.>"});
  CHECK(matching(trie, "a.>") == Names{"a.*", "a.>"});
}

TEST_CASE("trie: stored subjects under a filter") {
  const Trie<std::string> trie =
      filled({"a", "a.b", "a.b.c", "a.c", "b.c", "b.*", "a.>", "x.y.z.w"});
  CHECK(under(trie, "a") == Names{"a"});
  CHECK(under(trie, "a.*") == Names{"a.b", "a.c"});
  CHECK(under(trie, "a.>") == Names{"a.>", "a.b", "a.b.c", "a.c"});
  CHECK(under(trie, "*.c") == Names{"a.c", "b.c"});
  CHECK(under(trie, "b.*") == Names{"b.*", "b.c"});
  CHECK(under(trie, "*") == Names{"a"});
  CHECK(under(trie, ">").size() == 8);
  CHECK(under(trie, "x.*.z.*") == Names{"x.y.z.w"});
  CHECK(under(trie, "x.*.q.*").empty());
}

TEST_CASE("trie: find, erase and the branches that go with it") {
  Trie<std::string> trie = filled({"a.b.c", "a.b", "a.*.c", "a.>"});
  CHECK(trie.size() == 4);
  CHECK(*trie.find("a.b") == "a.b");
  CHECK(trie.find("a") == nullptr);
  CHECK(trie.find("a.b.x") == nullptr);
  CHECK(trie.find("a.*") == nullptr);
  CHECK(trie.erase("a.b"));
  CHECK_FALSE(trie.erase("a.b"));
  CHECK_FALSE(trie.erase("a"));
  CHECK_FALSE(trie.erase("q"));
  CHECK(*trie.find("a.b.c") == "a.b.c");
  CHECK(trie.erase("a.b.c"));
  CHECK(trie.erase("a.*.c"));
  CHECK(trie.erase("a.>"));
  CHECK(trie.empty());
  CHECK(matching(trie, "a.b.c").empty());
}

TEST_CASE("trie: a visitor can stop the walk") {
  Trie<std::string> trie = filled({"a.*", "a.>", "a.b", ">"});
  int visits = 0;
  CHECK_FALSE(trie.match_literal("a.b", [&visits](std::string&) { return ++visits < 2; }));
  CHECK(visits == 2);
  CHECK_FALSE(
      trie.match_filter(">", [&visits](std::string_view, std::string&) { return ++visits < 3; }));
  CHECK(visits == 3);
}

TEST_CASE("trie: agrees with a list of subjects through a random history") {
  std::uint64_t state = 42;
  const auto draw = [&state](std::uint64_t bound) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % bound;
  };
  const Names tokens = {"a", "b", "c", "dd", "eee", "*", "f1", "f2", "f3", "f4", "f5", "f6"};
  const auto subject = [&](bool wild) {
    std::string text;
    const std::uint64_t depth = 1 + draw(4);
    for (std::uint64_t i = 0; i < depth; ++i) {
      std::string token = tokens[draw(tokens.size())];
      if (token == "*" && !wild) {
        token = "b";
      }
      text += (i > 0 ? "." : "") + token;
    }
    return wild && draw(5) == 0 ? text + ".>" : text;
  };
  Trie<std::string> trie;
  std::map<std::string, bool> list;
  for (int step = 0; step < 20'000; ++step) {
    const std::string changed = subject(true);
    if (draw(2) == 0) {
      trie.at(changed) = changed;
      list[changed] = true;
    } else {
      REQUIRE(trie.erase(changed) == (list.erase(changed) > 0));
    }
    REQUIRE(trie.size() == list.size());
    if (step % 20 != 0) {
      continue;
    }
    const std::string literal = subject(false);
    const std::string filter = subject(true);
    Names matched, contained;
    for (const auto& [stored, unused] : list) {
      if (frond::subject::matches(stored, literal)) {
        matched.push_back(stored);
      }
      if (frond::subject::is_subset(stored, filter)) {
        contained.push_back(stored);
      }
    }
    REQUIRE(matching(trie, literal) == matched);
    REQUIRE(under(trie, filter) == contained);
  }
}

TEST_CASE("trie: wide and deep") {
  Trie<int> trie;
  for (int i = 0; i < 20'000; ++i) {
    trie.at("orders." + std::to_string(i)) = i;
  }
  CHECK(trie.size() == 20'000);
  CHECK(*trie.find("orders.19999") == 19'999);
  for (int i = 0; i < 20'000; i += 2) {
    REQUIRE(trie.erase("orders." + std::to_string(i)));
  }
  int sum = 0;
  trie.each([&sum](std::string_view, int& value) { sum += value % 2; });
  CHECK(sum == 10'000);
  std::string deep = "x";
  for (int i = 1; i < 256; ++i) {
    deep += ".x";
  }
  trie.at(deep) = 7;
  CHECK(*trie.find(deep) == 7);
  // A published subject may be deeper than anything stored.
  std::string abyss = "x";
  for (int i = 1; i < 30'000; ++i) {
    abyss += ".x";
  }
  trie.at("x.>") = 9;
  int found = 0;
  trie.match_literal(abyss, [&found](int& value) { found = value; });
  CHECK(found == 9);
}
