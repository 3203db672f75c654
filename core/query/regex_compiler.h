#pragma once
// Turns an expression into the program of a Regex (regex.h): recursive descent, a jump or split put
// before what has been written already, repeated parts written as often as they are repeated. Lives
// for one compile().

#include "query/regex.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace frond::query {

/// The first character of a UTF-8 text that is not empty.
std::uint32_t take_code_point(std::string_view& text);

class RegexCompiler {
 public:
  RegexCompiler(Regex& target, std::string_view expression) : target_(target), rest_(expression) {}
  std::string run();

 private:
  using Op = Regex::Op;
  void fail(std::string_view fault);
  void add(Op op, std::int32_t a = 0, std::int32_t b = 0);
  void insert(std::size_t at, Op op, std::int32_t a, std::int32_t b);
  std::int32_t length(std::size_t begin) const;
  bool take(char c);
  void alternatives();
  void sequence();
  void repeated();
  void atom();
  void group();
  void bracket();
  void escape();
  /// \d and its like: their ranges; false for any other character.
  bool class_of(char name);
  std::uint32_t escaped_character();
  bool take_counts(std::size_t& least, std::size_t& most);
  void repeat(std::string_view again, std::size_t begin, std::size_t least, std::size_t most);

  Regex& target_;
  std::string_view rest_;
  std::size_t depth_ = 0;
  std::size_t atoms_ = 0;  // Read so far: empty ones that are repeated write nothing.
  std::string fault_;
};

}  // namespace frond::query
