#include "query/regex_compiler.h"

#include "base/limits.h"

#include <utility>

namespace frond::query {
namespace {

constexpr std::size_t depth_max = 32;
constexpr std::size_t unbounded = ~std::size_t{0};
constexpr std::uint32_t highest = 0x10FFFF;

}  // namespace

std::string RegexCompiler::run() {
  alternatives();
  if (!rest_.empty()) {
    fail("unmatched )");
  }
  return std::move(fault_);
}

void RegexCompiler::fail(std::string_view fault) {
  if (fault_.empty()) {
    fault_ = fault;
  }
  rest_ = {};
}

void RegexCompiler::add(Op op, std::int32_t a, std::int32_t b) {
  insert(target_.steps_.size(), op, a, b);
}

void RegexCompiler::insert(std::size_t at, Op op, std::int32_t a, std::int32_t b) {
  if (target_.steps_.size() == base::query_regex_steps_max) {
    return fail("too long");
  }
  target_.steps_.insert(target_.steps_.begin() + static_cast<std::ptrdiff_t>(at), {op, a, b});
}

std::int32_t RegexCompiler::length(std::size_t begin) const {
  return static_cast<std::int32_t>(target_.steps_.size() - begin);
}

bool RegexCompiler::take(char c) {
  if (!rest_.starts_with(c)) {
    return false;
  }
  rest_.remove_prefix(1);
  return true;
}

void RegexCompiler::alternatives() {
  const std::size_t begin = target_.steps_.size();
  sequence();
  while (fault_.empty() && take('|')) {
    insert(begin, Op::split, 1, length(begin) + 2);
    const std::size_t jump = target_.steps_.size();
    add(Op::jump);
    sequence();
    if (fault_.empty()) {
      target_.steps_[jump].a = length(jump);
    }
  }
}

void RegexCompiler::sequence() {
  while (!rest_.empty() && rest_.front() != '|' && rest_.front() != ')') {
    repeated();
  }
}

void RegexCompiler::repeated() {
  const std::size_t begin = target_.steps_.size();
  const std::string_view from = rest_;
  atom();
  if (!fault_.empty()) {
    return;
  }
  const std::string_view again = from.substr(0, from.size() - rest_.size());
  std::size_t least = 0;
  std::size_t most = unbounded;
  if (take('*')) {
  } else if (take('+')) {
    least = 1;
  } else if (take('?')) {
    most = 1;
  } else if (!take_counts(least, most)) {
    return;
  }
  take('?');  // Lazy or not is no question where only matching counts.
  if (!rest_.empty() && (rest_.front() == '*' || rest_.front() == '+')) {
    return fail("nothing to repeat");
  }
  const std::string_view behind = rest_;
  repeat(again, begin, least, most);
  if (fault_.empty()) {
    rest_ = behind;
  }
}

/// What stands from `begin` on is there once; it shall be there as often as asked for.
void RegexCompiler::repeat(std::string_view again, std::size_t begin, std::size_t least,
                           std::size_t most) {
  const auto more = [&] {
    const std::size_t at = target_.steps_.size();
    rest_ = again;
    atom();
    return at;
  };
  std::size_t last = begin;  // Where the last copy begins.
  for (std::size_t i = 1; i < least && fault_.empty(); ++i) {
    last = more();
  }
  if (most == unbounded) {
    const std::int32_t size = length(last);
    if (least == 0) {
      insert(last, Op::split, 1, size + 2);
      add(Op::jump, -(size + 1));
    } else {
      add(Op::split, -size, 1);
    }
    return;
  }
  if (most == 0) {
    target_.steps_.resize(begin);
    return;
  }
  for (std::size_t i = least; i < most && fault_.empty(); ++i) {
    const std::size_t at = i == 0 ? begin : more();
    insert(at, Op::split, 1, length(at) + 1);
  }
}

bool RegexCompiler::take_counts(std::size_t& least, std::size_t& most) {
  const auto number = [](std::string_view& text) {
    std::size_t value = 0;
    for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1)) {
      value = value * 10 + static_cast<std::size_t>(text.front() - '0');
      if (value > base::query_regex_steps_max) {
        value = base::query_regex_steps_max + 1;
      }
    }
    return value;
  };
  if (rest_.size() < 3 || rest_[0] != '{' || rest_[1] < '0' || rest_[1] > '9') {
    return false;
  }
  std::string_view text = rest_.substr(1);
  least = number(text);
  most = least;
  if (text.starts_with(',')) {
    text.remove_prefix(1);
    most = text.starts_with('}') ? unbounded : number(text);
  }
  if (!text.starts_with('}')) {
    return false;  // Then the brace stands for itself.
  }
  rest_ = text.substr(1);
  if (least > most) {
    fail("numbers out of order in {}");
  }
  return fault_.empty();
}

void RegexCompiler::atom() {
  if (++atoms_ > 4 * base::query_regex_steps_max) {
    return fail("too long");
  }
  const char c = rest_.front();
  if (c == '(') {
    return group();
  }
  if (c == '[') {
    return bracket();
  }
  if (c == '\\') {
    return escape();
  }
  if (c == '*' || c == '+' || c == '?') {
    return fail("nothing to repeat");
  }
  const auto character = static_cast<std::int32_t>(take_code_point(rest_));
  if (c == '.') {
    add(Op::any);
  } else if (c == '^' || c == '$') {
    add(c == '^' ? Op::begin : Op::end);
  } else {
    add(Op::one, character);
  }
}

void RegexCompiler::group() {
  rest_.remove_prefix(1);
  if (rest_.starts_with("?:")) {
    rest_.remove_prefix(2);
  } else if (rest_.starts_with('?')) {
    return fail("only groups ( ) and (?: ) are known");
  }
  if (++depth_ > depth_max) {
    return fail("too deep");
  }
  alternatives();
  --depth_;
  if (!take(')')) {
    fail("missing )");
  }
}

bool RegexCompiler::class_of(char name) {
  const bool inverted = name >= 'A' && name <= 'Z';
  std::vector<Regex::Range> ranges;
  switch (name | 32) {
    case 'd':
      ranges = {{'0', '9'}};
      break;
    case 'w':
      ranges = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
      break;
    case 's':
      ranges = {{'\t', '\r'},     {' ', ' '},       {0xA0, 0xA0},    {0x2000, 0x200A},
                {0x2028, 0x2029}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};
      break;
    default:
      return false;
  }
  std::uint32_t from = 0;
  for (const Regex::Range& range : ranges) {
    if (!inverted) {
      target_.ranges_.push_back(range);
    } else if (range.first > from) {
      target_.ranges_.push_back({from, range.first - 1});
    }
    from = range.last + 1;
  }
  if (inverted) {
    target_.ranges_.push_back({from, highest});
  }
  return true;
}

std::uint32_t RegexCompiler::escaped_character() {
  if (rest_.empty()) {
    fail("\\ at the end");
    return 0;
  }
  const char c = rest_.front();
  const std::uint32_t character = take_code_point(rest_);
  constexpr std::string_view named = "tnrfv0";
  constexpr std::string_view meant("\t\n\r\f\v\0", 6);
  if (const std::size_t i = named.find(c); i != std::string_view::npos) {
    return static_cast<unsigned char>(meant[i]);
  }
  if (c == 'x' || c == 'u') {
    const std::size_t digits = c == 'x' ? 2 : 4;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < digits; ++i, rest_.remove_prefix(1)) {
      const char digit = rest_.empty() ? ' ' : rest_.front();
      const char low = static_cast<char>(digit | 32);
      if (!(digit >= '0' && digit <= '9') && !(low >= 'a' && low <= 'f')) {
        fail("malformed \\x or \\u");
        return 0;
      }
      value = value * 16 + static_cast<std::uint32_t>(digit <= '9' ? digit - '0' : low - 'a' + 10);
    }
    return value;
  }
  const bool letter = ((c | 32) >= 'a' && (c | 32) <= 'z') || (c >= '1' && c <= '9');
  if (letter) {
    fail("unknown escape");
  }
  return character;
}

void RegexCompiler::escape() {
  rest_.remove_prefix(1);
  const char c = rest_.empty() ? '\0' : rest_.front();
  if (c == 'b' || c == 'B') {
    rest_.remove_prefix(1);
    return add(c == 'b' ? Op::word : Op::not_word);
  }
  const auto begin = static_cast<std::int32_t>(target_.ranges_.size());
  if (class_of(c)) {
    rest_.remove_prefix(1);
    return add(Op::set, begin, static_cast<std::int32_t>(target_.ranges_.size()));
  }
  add(Op::one, static_cast<std::int32_t>(escaped_character()));
}

void RegexCompiler::bracket() {
  rest_.remove_prefix(1);
  const bool inverted = take('^');
  const auto begin = static_cast<std::int32_t>(target_.ranges_.size());
  while (!rest_.empty() && rest_.front() != ']') {
    const bool escaped = take('\\');
    if (escaped && !rest_.empty() && class_of(rest_.front())) {
      rest_.remove_prefix(1);
      continue;
    }
    const std::uint32_t first = escaped ? escaped_character() : take_code_point(rest_);
    std::uint32_t last = first;
    if (rest_.size() > 1 && rest_[0] == '-' && rest_[1] != ']') {
      rest_.remove_prefix(1);
      last = take('\\') ? escaped_character() : take_code_point(rest_);
    }
    if (last < first) {
      fail("range out of order in []");
    }
    target_.ranges_.push_back({first, last});
    if (target_.ranges_.size() > base::query_regex_steps_max) {
      fail("too long");
    }
  }
  if (!take(']')) {
    return fail("missing ]");
  }
  add(inverted ? Op::not_set : Op::set, begin, static_cast<std::int32_t>(target_.ranges_.size()));
}

}  // namespace frond::query
