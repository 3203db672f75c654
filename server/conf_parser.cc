#include "server/conf_parser.h"

#include <cctype>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <tuple>

namespace frond::server {
namespace {

constexpr int kIncludeDepthMax = 16;
constexpr int kNestingMax = 64;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool ends_word(char c) {
  return is_space(c) || c == '\n' || c == ',' || c == ';' || c == '}' || c == ']' || c == '{' ||
         c == '[';
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return out;
}

/// Factor of a size suffix: a bare letter counts in thousands, with b or i in 1024s, as NATS does.
std::optional<std::int64_t> size_factor(std::string_view suffix) {
  const std::string unit = lower(suffix);
  static constexpr std::string_view letters = "kmgtpe";
  if (unit.empty()) {
    return 1;
  }
  const auto power = letters.find(unit[0]);
  const std::string_view rest = std::string_view(unit).substr(1);
  if (power == std::string_view::npos ||
      (!rest.empty() && rest != "b" && rest != "i" && rest != "ib")) {
    return std::nullopt;
  }
  std::int64_t factor = 1;
  for (std::size_t i = 0; i <= power; ++i) {
    factor *= rest.empty() ? 1000 : 1024;
  }
  return factor;
}

/// The value of an unquoted word: number, size, boolean or plain text.
ConfValue scalar(std::string word, int line) {
  ConfValue value{word, word, line, false};
  const std::string folded = lower(word);
  if (folded == "true" || folded == "yes" || folded == "on") {
    value.data = true;
    return value;
  }
  if (folded == "false" || folded == "no" || folded == "off") {
    value.data = false;
    return value;
  }
  std::int64_t number = 0;
  const char* end = word.data() + word.size();
  const auto [rest, error] = std::from_chars(word.data(), end, number);
  if (error != std::errc() || rest == word.data()) {
    return value;
  }
  const std::string_view tail(rest, static_cast<std::size_t>(end - rest));
  std::int64_t product = 0;
  if (const auto factor = size_factor(tail);
      factor && !__builtin_mul_overflow(number, *factor, &product)) {
    value.data = product;
    return value;
  }
  if (!tail.empty() && tail[0] == '.') {
    double real = 0;
    const auto [after, failed] = std::from_chars(word.data(), end, real);
    if (failed == std::errc() && after == end) {
      value.data = real;
    }
  }
  return value;
}

class Parser {
 public:
  Parser(std::string_view text, std::string file, int include_depth)
      : text_(text), file_(std::move(file)), include_depth_(include_depth) {}

  ConfMap run() {
    skip_blank(true);
    // A whole file may be wrapped in one pair of braces, which makes JSON a NATS configuration.
    const bool wrapped = peek() == '{';
    if (wrapped) {
      ++at_;
    }
    ConfMap map = entries(wrapped, 0);
    skip_blank(true);
    if (at_ < text_.size()) {
      fail(std::string("unexpected '") + text_[at_] + "'");
    }
    return map;
  }

 private:
  [[noreturn]] void fail(std::string_view what) const { throw ConfError(file_, line_, what); }
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  /// Skips spaces and comments; with `lines` also ends of lines and separators.
  void skip_blank(bool lines) {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#' || (c == '/' && peek(1) == '/')) {
        while (at_ < text_.size() && text_[at_] != '\n') {
          ++at_;
        }
      } else if (lines && (c == '\n' || c == ',' || c == ';')) {
        line_ += c == '\n';
        ++at_;
      } else if (is_space(c)) {
        ++at_;
      } else {
        return;
      }
    }
  }

  static void put(ConfMap& map, std::string key, ConfValue value) {
    for (auto& [name, old] : map) {
      if (name == key) {
        old = std::move(value);
        return;
      }
    }
    map.emplace_back(std::move(key), std::move(value));
  }

  ConfMap entries(bool braced, int depth) {
    if (depth > kNestingMax) {
      fail("nested too deep");
    }
    ConfMap map;
    scopes_.push_back(&map);
    for (;;) {
      skip_blank(true);
      if (at_ >= text_.size()) {
        if (braced) {
          fail("'}' is missing");
        }
        break;
      }
      if (peek() == '}') {
        if (!braced) {
          fail("unexpected '}'");
        }
        ++at_;
        break;
      }
      entry(map, depth);
    }
    scopes_.pop_back();
    return map;
  }

  void entry(ConfMap& map, int depth) {
    const int line = line_;
    const bool quoted = peek() == '"' || peek() == '\'';
    std::string key = quoted ? quoted_text() : key_word();
    if (key.empty()) {
      fail(std::string("a key was expected, not '") + peek() + "'");
    }
    skip_blank(false);
    if (!quoted && lower(key) == "include" && peek() != ':' && peek() != '=' && peek() != '{') {
      include(map);
      return;
    }
    if (peek() == ':' || peek() == '=') {
      ++at_;
    }
    skip_blank(false);
    // An opening brace or bracket may stand on the next line.
    const auto saved = std::pair(at_, line_);
    if (peek() == '\n') {
      skip_blank(true);
      if (peek() != '{' && peek() != '[') {
        std::tie(at_, line_) = saved;
        fail("key \"" + key + "\" has no value");
      }
    }
    ConfValue found = value(depth);
    found.line = line;
    put(map, std::move(key), std::move(found));
  }

  std::string key_word() {
    const std::size_t from = at_;
    while (at_ < text_.size() && !ends_word(peek()) && peek() != ':' && peek() != '=') {
      ++at_;
    }
    return std::string(text_.substr(from, at_ - from));
  }

  ConfValue value(int depth) {
    switch (peek()) {
      case '{': {
        ++at_;
        const int line = line_;
        return {entries(true, depth + 1), {}, line, false};
      }
      case '[':
        ++at_;
        return array(depth + 1);
      case '(':
        return block();
      case '"':
      case '\'': {
        const int line = line_;
        std::string text = quoted_text();
        return {text, text, line, false};
      }
      default:
        return word_value();
    }
  }

  ConfValue array(int depth) {
    if (depth > kNestingMax) {
      fail("nested too deep");
    }
    ConfValue out{ConfArray{}, {}, line_, false};
    auto& elements = std::get<ConfArray>(out.data);
    for (;;) {
      skip_blank(true);
      if (at_ >= text_.size()) {
        fail("']' is missing");
      }
      if (peek() == ']') {
        ++at_;
        return out;
      }
      elements.push_back(value(depth));
    }
  }

  /// Text between parentheses on lines of their own, taken as it is.
  ConfValue block() {
    const int line = line_;
    const auto end = text_.find("\n)", at_);
    if (end == std::string_view::npos) {
      fail("')' is missing");
    }
    std::string text(text_.substr(at_ + 1, end - at_ - 1));
    for (const char c : text) {
      line_ += c == '\n';
    }
    ++line_;
    at_ = end + 2;
    return {text, text, line, false};
  }

  std::string quoted_text() {
    const char quote = text_[at_++];
    std::string out;
    for (;; ++at_) {
      if (at_ >= text_.size()) {
        fail("the closing quote is missing");
      }
      const char c = text_[at_];
      if (c == quote) {
        ++at_;
        return out;
      }
      line_ += c == '\n';
      out += c == '\\' && quote == '"' ? escaped() : c;
    }
  }

  char escaped() {
    ++at_;
    switch (peek()) {
      case 'n':
        return '\n';
      case 't':
        return '\t';
      case 'r':
        return '\r';
      case '"':
      case '\\':
        return peek();
      case 'x': {
        unsigned code = 0;
        const auto digits = text_.substr(at_ + 1, 2);
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
        if (error != std::errc() || end != digits.data() + 2) {
          fail("\\x needs two hexadecimal digits");
        }
        at_ += 2;
        return static_cast<char>(code);
      }
      default:
        fail(std::string("unknown escape '\\") + peek() + "'");
    }
  }

  ConfValue word_value() {
    const std::size_t from = at_;
    while (at_ < text_.size() && !ends_word(peek())) {
      ++at_;
    }
    std::string word(text_.substr(from, at_ - from));
    if (word.empty()) {
      fail("a value was expected");
    }
    // A bcrypt hash starts with a dollar too but is no variable.
    if (word[0] == '$' && word.rfind("$2", 0) != 0) {
      return variable(word.substr(1));
    }
    return scalar(std::move(word), line_);
  }

  ConfValue variable(const std::string& name) {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      for (auto& [key, value] : **scope) {
        if (key == name) {
          ConfValue copy = value;
          value.variable = true;
          return copy;
        }
      }
    }
    if (const char* set = std::getenv(name.c_str())) {
      return scalar(set, line_);
    }
    fail("variable reference for '" + name + "' can not be found");
  }

  void include(ConfMap& map) {
    const bool quoted = peek() == '"' || peek() == '\'';
    std::string name;
    if (quoted) {
      name = quoted_text();
    } else {
      while (at_ < text_.size() && !is_space(peek()) && peek() != '\n') {
        name += text_[at_++];
      }
    }
    if (include_depth_ >= kIncludeDepthMax) {
      fail("includes are nested too deep");
    }
    const auto path = std::filesystem::path(file_).parent_path() / name;
    std::ifstream in(path, std::ios::binary);
    if (!in) {
      fail("cannot open included file " + path.string());
    }
    std::ostringstream text;
    text << in.rdbuf();
    const std::string whole = text.str();
    ConfMap included = Parser(whole, path.string(), include_depth_ + 1).run();
    for (auto& [key, value] : included) {
      put(map, std::move(key), std::move(value));
    }
  }

  std::string_view text_;
  std::string file_;
  int include_depth_;
  std::size_t at_ = 0;
  int line_ = 1;
  std::vector<ConfMap*> scopes_;  // Where a variable is looked up, outermost first.
};

}  // namespace

ConfMap parse_conf(std::string_view text, const std::string& file) {
  return Parser(text, file, 0).run();
}

ConfMap parse_conf_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    throw ConfError(file, 0, "cannot open the configuration file");
  }
  std::ostringstream text;
  text << in.rdbuf();
  const std::string whole = text.str();
  return Parser(whole, file, 0).run();
}

}  // namespace frond::server
