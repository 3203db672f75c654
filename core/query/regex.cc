#include "query/regex.h"

#include "query/regex_compiler.h"

#include "base/limits.h"

#include <algorithm>

namespace frond::query {
namespace {

std::uint32_t lower(std::uint32_t c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }
std::uint32_t upper(std::uint32_t c) { return c >= 'a' && c <= 'z' ? c - 32 : c; }
bool is_word(std::uint32_t c) {
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || c == '_';
}

}  // namespace

std::uint32_t take_code_point(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  text.remove_prefix(1);
  std::size_t more = first < 0xC0 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
  std::uint32_t c = more == 0 ? first : first & (0x3Fu >> more);
  for (; more > 0 && !text.empty(); --more) {
    c = (c << 6) | (static_cast<unsigned char>(text.front()) & 0x3Fu);
    text.remove_prefix(1);
  }
  return c;
}

std::string Regex::compile(std::string_view expression) {
  steps_.clear();
  ranges_.clear();
  fold_ = expression.starts_with("(?i)");
  RegexCompiler compiler(*this, expression.substr(fold_ ? 4 : 0));
  std::string fault = compiler.run();
  seen_.assign(steps_.size() + 1, 0);
  return fault;
}

bool Regex::in_set(const Step& step, std::uint32_t c) const {
  for (std::int32_t i = step.a; i < step.b; ++i) {
    const Range& range = ranges_[static_cast<std::size_t>(i)];
    if (c >= range.first && c <= range.last) {
      return true;
    }
  }
  return false;
}

bool Regex::takes(const Step& step, std::uint32_t c) const {
  switch (step.op) {
    case Op::one: {
      const auto wanted = static_cast<std::uint32_t>(step.a);
      return fold_ ? lower(c) == lower(wanted) : c == wanted;
    }
    case Op::any:
      return c != '\n' && c != '\r';
    case Op::set:
    case Op::not_set: {
      const bool in =
          in_set(step, c) || (fold_ && (in_set(step, lower(c)) || in_set(step, upper(c))));
      return in == (step.op == Op::set);
    }
    default:
      return false;
  }
}

/// Makes the state alive at this place, and those that it leads to without a character. True when
/// the match is among them.
bool Regex::follow(std::uint32_t state, const Place& place) {
  stack_.assign(1, state);
  while (!stack_.empty()) {
    const std::uint32_t at = stack_.back();
    stack_.pop_back();
    if (seen_[at] == turn_) {
      continue;
    }
    seen_[at] = turn_;
    if (at == steps_.size()) {
      return true;
    }
    const Step& step = steps_[at];
    const auto to = [at](std::int32_t by) {
      return static_cast<std::uint32_t>(static_cast<std::int32_t>(at) + by);
    };
    bool passes = false;
    switch (step.op) {
      case Op::split:
        stack_.push_back(to(step.b));
        [[fallthrough]];
      case Op::jump:
        stack_.push_back(to(step.a));
        break;
      case Op::begin:
        passes = place.at_begin;
        break;
      case Op::end:
        passes = place.at_end;
        break;
      case Op::word:
      case Op::not_word:
        passes = place.at_word_edge == (step.op == Op::word);
        break;
      default:
        next_.push_back(at);
    }
    if (passes) {
      stack_.push_back(at + 1);
    }
  }
  return false;
}

bool Regex::matches(std::string_view text) {
  next_.clear();
  bool word_before = false;
  for (bool at_begin = true;; at_begin = false) {
    std::string_view rest = text;
    const bool at_end = rest.empty();
    const std::uint32_t c = at_end ? 0 : take_code_point(rest);
    const bool word_here = !at_end && is_word(c);
    const Place place{at_begin, at_end, word_before != word_here};
    // What has taken the character before stands in next_, still to be followed to this place.
    now_.swap(next_);
    next_.clear();
    if (++turn_ == 0) {
      std::ranges::fill(seen_, 0u);
      turn_ = 1;
    }
    for (const std::uint32_t state : now_) {
      if (follow(state, place)) {
        return true;
      }
    }
    if (follow(0, place)) {
      return true;
    }
    if (at_end) {
      return false;
    }
    std::size_t kept = 0;
    for (const std::uint32_t state : next_) {
      if (takes(steps_[state], c)) {
        next_[kept++] = state + 1;
      }
    }
    next_.resize(kept);
    text = rest;
    word_before = word_here;
  }
}

}  // namespace frond::query
