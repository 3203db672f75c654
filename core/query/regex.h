#pragma once
// Regular expressions for $regex, matched in time that grows with the text times the length of the
// program, whatever the expression: all its states are followed side by side, nothing is tried and
// taken back. The usual syntax of JavaScript without look-around and back references: . [..] \d \w
// \s \b ^ $ ( ) (?: ) | * + ? {m,n}, and (?i) at the beginning. Matches anywhere in the text.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace frond::query {

class Regex {
 public:
  /// What is wrong with the expression; empty when it can be used.
  std::string compile(std::string_view expression);
  bool matches(std::string_view text);
  /// A character of the text costs at most so many steps.
  std::size_t size() const { return steps_.size(); }

 private:
  friend class RegexCompiler;
  enum class Op : std::uint8_t { one, any, set, not_set, split, jump, begin, end, word, not_word };
  /// Of a jump or split how far it goes, relative to itself; of a set its ranges.
  struct Step {
    Op op{};
    std::int32_t a = 0;
    std::int32_t b = 0;
  };
  struct Range {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
  };
  struct Place {
    bool at_begin = false;
    bool at_end = false;
    bool at_word_edge = false;
  };
  bool in_set(const Step& step, std::uint32_t c) const;
  bool takes(const Step& step, std::uint32_t c) const;
  bool follow(std::uint32_t state, const Place& place);

  std::vector<Step> steps_;  // Behind the last one lies the match.
  std::vector<Range> ranges_;
  bool fold_ = false;
  // The states that are alive at a place of the text, each once.
  std::vector<std::uint32_t> now_, next_, stack_;
  std::vector<std::uint32_t> seen_;
  std::uint32_t turn_ = 0;
};

}  // namespace frond::query
