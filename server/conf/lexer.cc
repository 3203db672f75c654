#include "server/conf/lexer.h"

#include "server/conf/parser.h"

#include <charconv>

namespace frond::server {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t'; }
bool ends_line(char c) { return c == '\n' || c == '\r'; }
bool ends_word(char c) {
  return is_space(c) || ends_line(c) || c == ',' || c == ';' || c == '}' || c == ']' || c == '{' ||
         c == '[';
}

}  // namespace

void ConfLexer::skip_blank(bool lines) {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '#' || (c == '/' && peek(1) == '/')) {
      while (at_ < text_.size() && !ends_line(text_[at_])) {
        ++at_;
      }
    } else if (lines && ends_line(c)) {
      line_ += c == '\n';
      ++at_;
    } else if (is_space(c)) {
      ++at_;
    } else {
      return;
    }
  }
}

std::string ConfLexer::key_word() {
  const std::size_t from = at_;
  while (!at_end() && !ends_word(peek()) && peek() != ':' && peek() != '=') {
    ++at_;
  }
  if (at_ > from && !at_end() && !is_space(peek()) && !ends_line(peek()) && peek() != ':' &&
      peek() != '=') {
    fail("a key ends at a blank, ':' or '=', not at '" + std::string(1, peek()) + "'");
  }
  return std::string(text_.substr(from, at_ - from));
}

std::string ConfLexer::value_word() {
  const std::size_t from = at_;
  while (!at_end() && !ends_word(peek())) {
    // To nats-server they mean something here that nobody would guess.
    if (peek() == '\'' || peek() == '\\') {
      fail(std::string("a value with ") + peek() + " needs quotes");
    }
    ++at_;
  }
  if (at_ == from) {
    fail("a value was expected");
  }
  return std::string(text_.substr(from, at_ - from));
}

std::string ConfLexer::file_word() {
  const std::size_t from = at_;
  while (!at_end() && !is_space(peek()) && !ends_line(peek()) && peek() != ';' && peek() != '}') {
    ++at_;
  }
  return std::string(text_.substr(from, at_ - from));
}

std::string ConfLexer::quoted() {
  const char quote = text_[at_++];
  std::string out;
  for (;; ++at_) {
    if (at_end()) {
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

char ConfLexer::escaped() {
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

std::string ConfLexer::parenthesised() {
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
  return text;
}

void ConfLexer::fail(std::string_view what, int line) const { throw ConfError(file_, line, what); }

}  // namespace frond::server
