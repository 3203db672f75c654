#pragma once
// The characters of a NATS configuration file: blanks and comments, words, quoted texts, blocks in
// parentheses, and the line where the reader stands. It knows no entries and no nesting; that is
// conf/parser, which makes one lexer for each file it reads.

#include <cstddef>
#include <string>
#include <string_view>

namespace frond::server {

class ConfLexer {
 public:
  /// `file` is named in errors. Both must outlive the lexer.
  ConfLexer(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  bool at_end() const { return at_ >= text_.size(); }
  /// The character that comes next; '\0' at the end.
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool at_quote() const { return peek() == '"' || peek() == '\''; }
  /// A lone carriage return ends a line too, also a comment's.
  bool at_line_end() const { return peek() == '\n' || peek() == '\r'; }
  void step() { ++at_; }
  int line() const { return line_; }

  /// Skips spaces and comments; with `lines` also ends of lines.
  void skip_blank(bool lines);

  /// A key without quotes: ends at a blank, ':' or '='.
  std::string key_word();
  /// A value without quotes; fails when there is none.
  std::string value_word();
  /// The name behind `include`: ends at a blank, ';' or '}'.
  std::string file_word();
  /// What stands between the quotes that come next; escapes are read in double quotes.
  std::string quoted();
  /// Text between parentheses on lines of their own, taken as it is.
  std::string parenthesised();

  /// Throws ConfError about where the lexer stands, or about another line.
  [[noreturn]] void fail(std::string_view what) const { fail(what, line_); }
  [[noreturn]] void fail(std::string_view what, int line) const;

 private:
  char escaped();

  std::string_view text_;
  const std::string& file_;
  std::size_t at_ = 0;
  int line_ = 1;
};

}  // namespace frond::server
