#include "query/regex.h"

#include <catch2/catch.hpp>
#include <string>

using frond::query::Regex;

namespace {

std::string fault(std::string_view expression) { return Regex().compile(expression); }

bool finds(std::string_view expression, std::string_view text) {
  Regex regex;
  INFO(expression << " in " << text);
  REQUIRE(regex.compile(expression) == "");
  const bool first = regex.matches(text);
  CHECK(regex.matches(text) == first);
  return first;
}

}  // namespace

TEST_CASE("expressions match as JavaScript's do") {
  struct Row {
    const char* expression;
    const char* yes;
    const char* no;
  };
  for (const Row& row : {Row{"abc", "xabcx", "abx"},
                         Row{"^a.c$", "abc", "abcd"},
                         Row{"a*b", "b", "a"},
                         Row{"^a+b?$", "aab", "b"},
                         Row{"^(ab|cd|)x$", "cdx", "abcdx"},
                         Row{"^(?:a|b)*c$", "ababc", "abd"},
                         Row{"^[a-c_]+$", "ab_c", "abd"},
                         Row{"^[^a-c]+$", "xyz", "xaz"},
                         Row{R"(^\d{3}-\d{2,4}$)", "123-4567", "123-45678"},
                         Row{R"(^\w+\s\S+$)", "ab_1 ?!", "ab?1 x"},
                         Row{R"(\bcat\b)", "a cat!", "concat"},
                         Row{R"(\Bcat)", "concat", "cat"},
                         Row{"(?i)^TeA$", "tEa", "tee"},
                         Row{"^ä.$", "äß", "äßx"},
                         Row{R"(^[\d.]+$)", "1.2", "1,2"},
                         Row{R"(^[^\W]$)", "a", "-"},
                         Row{R"(^\x41\u00e4\/$)", "Aä/", "Aa/"},
                         Row{"^x{2}$", "xx", "xxx"},
                         Row{"^x{0}y$", "y", "xy"},
                         Row{"^x{1,}$", "xxxx", ""},
                         Row{"^(a{1,2}){2}$", "aaa", "aaaaa"},
                         Row{"^a{,2}$", "a{,2}", "aa"},
                         Row{"^a|b$", "xb", "xbx"},
                         Row{"^[a-z]+?@[a-z]+$", "me@home", "me@"},
                         Row{"^$", "", "x"}}) {
    CHECK(finds(row.expression, row.yes));
    CHECK_FALSE(finds(row.expression, row.no));
  }
}

TEST_CASE("what explodes elsewhere takes the time of a scan here") {
  const std::string text(16 * 1024, 'a');
  CHECK_FALSE(finds("^(a+)+$", text + "b"));
  CHECK_FALSE(finds("^(a|aa)*(a|aa)*b$", text));
  CHECK(finds("(.*)(.*)(.*)a$", text));
}

TEST_CASE("expressions that are none, not known or too long are refused") {
  for (const char* bad :
       {"(", ")", "a)", "[a", "*", "a**", "+a", "a{2,1}", "(?=a)", "(?<n>a)", R"(\1)", R"(\p)",
        "\\", R"(\u12)", "[b-a]", "a{9999}", "((((((((a{9}){9}){9}){9}){9}){9}){9}){9})",
        "((((){99}){99}){99}){99}"}) {
    INFO(bad);
    CHECK(fault(bad) != "");
  }
  CHECK(fault(std::string(100, '(')) == "too deep");
  CHECK(fault(std::string(5000, 'a')) == "too long");
}
