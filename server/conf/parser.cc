#include "server/conf/parser.h"

#include "server/conf/lexer.h"
#include "server/conf/scalar.h"
#include "server/disk/text_file.h"

#include <cstdlib>
#include <filesystem>
#include <utility>

namespace frond::server {
namespace {

constexpr int kIncludeDepthMax = 16;
constexpr int kNestingMax = 64;

constexpr std::string_view kTopLevelEnd =
    "a top-level value to end with a new line, comment or EOF";
constexpr std::string_view kMapEnd = "a map value terminator \",\" or a map terminator \"}\"";
constexpr std::string_view kArrayEnd =
    "an array value terminator \",\" or an array terminator \"]\"";

class Parser {
 public:
  Parser(std::string_view text, std::string file, int include_depth)
      : file_(std::move(file)), lexer_(text, file_), include_depth_(include_depth) {}

  ConfMap run() {
    lexer_.skip_blank(true);
    // A whole file may be wrapped in one pair of braces, which makes JSON a NATS configuration.
    const bool wrapped = lexer_.peek() == '{';
    if (wrapped) {
      lexer_.step();
    }
    ConfMap map = entries(wrapped, 0);
    lexer_.skip_blank(true);
    if (!lexer_.at_end()) {
      lexer_.fail(std::string("unexpected '") + lexer_.peek() + "'");
    }
    return map;
  }

 private:
  static void put(ConfMap& map, std::string key, ConfValue value) {
    for (auto& [name, old] : map) {
      if (name == key) {
        old = std::move(value);
        old.again = true;
        return;
      }
    }
    map.emplace_back(std::move(key), std::move(value));
  }

  ConfMap entries(bool braced, int depth) {
    if (depth > kNestingMax) {
      lexer_.fail("nested too deep");
    }
    ConfMap map;
    scopes_.push_back(&map);
    for (;;) {
      lexer_.skip_blank(true);
      if (lexer_.at_end()) {
        if (braced) {
          lexer_.fail("'}' is missing");
        }
        break;
      }
      if (lexer_.peek() == '}') {
        if (!braced) {
          lexer_.fail("unexpected '}'");
        }
        lexer_.step();
        break;
      }
      entry(map, depth);
      separator('}', depth == 0 ? kTopLevelEnd : kMapEnd);
    }
    scopes_.pop_back();
    return map;
  }

  /// What parts one value from the next; without it two blocks could pass for one. The end of the
  /// block is left to its reader.
  void separator(char end, std::string_view expected) {
    lexer_.skip_blank(false);
    const char c = lexer_.peek();
    if (c == ',' || (c == ';' && end == '}')) {
      lexer_.step();
    } else if (!lexer_.at_end() && !lexer_.at_line_end() && c != end) {
      lexer_.fail("Expected " + std::string(expected) + ", but got '" + c + "' instead.");
    }
  }

  void entry(ConfMap& map, int depth) {
    const int line = lexer_.line();
    const bool quoted = lexer_.at_quote();
    std::string key = quoted ? lexer_.quoted() : lexer_.key_word();
    if (key.empty()) {
      lexer_.fail(std::string("a key was expected, not '") + lexer_.peek() + "'");
    }
    lexer_.skip_blank(false);
    if (!quoted && conf_folded(key) == "include" && lexer_.peek() != ':' && lexer_.peek() != '=' &&
        lexer_.peek() != '{') {
      include(map);
      return;
    }
    const bool joined = lexer_.peek() == ':' || lexer_.peek() == '=';
    if (joined) {
      lexer_.step();
    }
    lexer_.skip_blank(false);
    // An opening brace or bracket may stand on the next line.
    if (lexer_.at_line_end()) {
      const int line_of_key = lexer_.line();
      lexer_.skip_blank(true);
      if ((joined && depth == 0) || (lexer_.peek() != '{' && lexer_.peek() != '[')) {
        lexer_.fail("key \"" + key + "\" has no value", line_of_key);
      }
    }
    ConfValue found = value(depth);
    found.line = line;
    put(map, std::move(key), std::move(found));
  }

  ConfValue value(int depth) {
    switch (lexer_.peek()) {
      case '{': {
        lexer_.step();
        const int line = lexer_.line();
        return {entries(true, depth + 1), {}, line, false};
      }
      case '[':
        lexer_.step();
        return array(depth + 1);
      case '(': {
        const int line = lexer_.line();
        std::string text = lexer_.parenthesised();
        return {text, text, line, false};
      }
      case '"':
      case '\'': {
        const int line = lexer_.line();
        std::string text = lexer_.quoted();
        return {text, text, line, false};
      }
      default:
        return word_value();
    }
  }

  ConfValue array(int depth) {
    if (depth > kNestingMax) {
      lexer_.fail("nested too deep");
    }
    ConfValue out{ConfArray{}, {}, lexer_.line(), false};
    auto& elements = std::get<ConfArray>(out.data);
    for (;;) {
      lexer_.skip_blank(true);
      if (lexer_.at_end()) {
        lexer_.fail("']' is missing");
      }
      if (lexer_.peek() == ']') {
        lexer_.step();
        return out;
      }
      elements.push_back(value(depth));
      separator(']', kArrayEnd);
    }
  }

  ConfValue word_value() {
    std::string word = lexer_.value_word();
    // A bcrypt hash starts with a dollar too but is no variable; nats-server knows one kind of it.
    if (word[0] == '$' && !word.starts_with("$2a$")) {
      return variable(word.substr(1));
    }
    if (word[0] == '-' && (word.size() == 1 || word[1] < '0' || word[1] > '9')) {
      lexer_.fail("a value that begins with '-' and is no number needs quotes");
    }
    return conf_scalar(std::move(word), lexer_.line());
  }

  ConfValue variable(const std::string& name) {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      for (auto& [key, value] : **scope) {
        if (key == name) {
          ConfValue copy = value;
          copy.variable = copy.again = false;  // These are the variable's own.
          value.variable = true;
          return copy;
        }
      }
    }
    if (const char* set = std::getenv(name.c_str())) {
      return environment(name, set);
    }
    lexer_.fail("variable reference for '" + name + "' can not be found");
  }

  /// A variable of the environment is text of a configuration too: quotes are none of the value.
  ConfValue environment(const std::string& name, const char* set) {
    if (include_depth_ >= kIncludeDepthMax) {
      lexer_.fail("variable reference cycle for '" + name + "'");
    }
    if (*set == '\0') {
      lexer_.fail("the environment variable '" + name + "' is empty");
    }
    const ConfMap map = Parser("v=" + std::string(set), file_, include_depth_ + 1).run();
    if (map.empty() || map.front().first != "v") {
      lexer_.fail("variable reference for '" + name + "' can not be found");
    }
    ConfValue value = map.front().second;
    value.line = lexer_.line();
    return value;
  }

  void include(ConfMap& map) {
    const bool quoted = lexer_.at_quote();
    const std::string name = quoted ? lexer_.quoted() : lexer_.file_word();
    if (include_depth_ >= kIncludeDepthMax) {
      lexer_.fail("includes are nested too deep");
    }
    // Beside this file even when it begins with a slash, as nats-server has it.
    const auto path =
        std::filesystem::path(file_).parent_path() / std::filesystem::path(name).relative_path();
    const TextFile whole = read_text_file(path.string());
    if (!whole.error.empty()) {
      lexer_.fail("error parsing include file '" + name + "', " + whole.error);
    }
    ConfMap included = Parser(whole.text, path.string(), include_depth_ + 1).run();
    for (auto& [key, value] : included) {
      put(map, std::move(key), std::move(value));
    }
  }

  std::string file_;
  ConfLexer lexer_;
  int include_depth_;
  std::vector<ConfMap*> scopes_;  // Where a variable is looked up, outermost first.
};

}  // namespace

ConfMap parse_conf(std::string_view text, const std::string& file) {
  return Parser(text, file, 0).run();
}

ConfMap parse_conf_file(const std::string& file) {
  const TextFile whole = read_text_file(file);
  if (!whole.error.empty()) {
    throw ConfError(whole.error);
  }
  return Parser(whole.text, file, 0).run();
}

}  // namespace frond::server
