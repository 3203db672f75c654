#include "wire/json_syntax.h"

namespace frond::wire {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// Walks over a text without recursion; `open_` holds the brackets that are not closed yet.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::string first_fault() {
    do {
      value();
      while (fault_.empty() && !open_.empty() && !next_item()) {
      }
    } while (fault_.empty() && !open_.empty());
    if (fault_.empty() && (skip_blanks(), !at_end())) {
      invalid("looking for beginning of value");
    }
    return fault_;
  }

 private:
  bool at_end() const { return at_ >= text_.size(); }

  void skip_blanks() {
    while (!at_end() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
      ++at_;
    }
  }

  /// The character here is wrong; so is the end of the text, and that alone has its own words.
  void invalid(std::string_view where) {
    if (!fault_.empty()) {
      return;
    }
    if (at_end()) {
      fault_ = "unexpected EOF";
      return;
    }
    std::size_t size = 1;
    while (at_ + size < text_.size() && (text_[at_ + size] & 0xC0) == 0x80) {
      ++size;
    }
    const char c = text_[at_];
    std::string shown(text_.substr(at_, size));
    if (c == '\'') {
      shown = "\\'";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      constexpr std::string_view hex = "0123456789abcdef";
      shown = {'\\', 'x', hex[static_cast<std::size_t>(c) >> 4],
               hex[static_cast<std::size_t>(c) & 15]};
    }
    fault_ = "invalid character '" + shown + "' " + std::string(where) + " at offset " +
             std::to_string(at_ + size);
  }

  bool expect(char c, std::string_view where) {
    skip_blanks();
    if (at_end() || text_[at_] != c) {
      invalid(where);
      return false;
    }
    ++at_;
    return true;
  }

  /// One value, or the begin of an object or array up to its first value.
  void value() {
    for (;;) {
      skip_blanks();
      const char c = at_end() ? '\0' : text_[at_];
      if (c == '{' || c == '[') {
        ++at_;
        skip_blanks();
        if (!at_end() && text_[at_] == (c == '{' ? '}' : ']')) {
          ++at_;
          return;
        }
        open_ += c;
        if (c == '{' && !key()) {
          return;
        }
        continue;
      }
      return scalar(c);
    }
  }

  void scalar(char c) {
    if (c == '"') {
      string();
    } else if (c == '-' || is_digit(c)) {
      number();
    } else if (c == 't') {
      literal("true");
    } else if (c == 'f') {
      literal("false");
    } else if (c == 'n') {
      literal("null");
    } else {
      invalid("looking for beginning of value");
    }
  }

  bool key() {
    skip_blanks();
    if (at_end() || text_[at_] != '"') {
      invalid("looking for beginning of object key string");
      return false;
    }
    string();
    return fault_.empty() && expect(':', "after object key");
  }

  /// Behind a value: true when another one follows in the innermost bracket.
  bool next_item() {
    const bool object = open_.back() == '{';
    skip_blanks();
    if (!at_end() && text_[at_] == (object ? '}' : ']')) {
      ++at_;
      open_.pop_back();
      return false;
    }
    return expect(',', object ? "after object key:value pair" : "after array element") &&
           (!object || key());
  }

  void string() {
    for (++at_; !at_end() && text_[at_] != '"'; ++at_) {
      if (static_cast<unsigned char>(text_[at_]) < 0x20) {
        return invalid("in string literal");
      }
      if (text_[at_] == '\\' && !escape()) {
        return;
      }
    }
    at_end() ? invalid("") : void(++at_);
  }

  bool escape() {
    const std::size_t start = at_++;
    if (at_end()) {
      invalid("");
      return false;
    }
    bool good = std::string_view("\"\\/bfnrtu").find(text_[at_]) != std::string_view::npos;
    if (text_[at_] == 'u') {
      for (int i = 0; i < 4 && good; ++i) {
        if (++at_; at_end()) {
          invalid("");
          return false;
        }
        good = is_hex(text_[at_]);
      }
    }
    if (!good) {
      fault_ = "invalid escape sequence `" + std::string(text_.substr(start, at_ + 1 - start)) +
               "` in string at offset " + std::to_string(at_ + 1);
    }
    return good;
  }

  void number() {
    at_ += text_[at_] == '-' ? 1 : 0;
    if (!at_end() && text_[at_] == '0') {
      ++at_;
    } else if (!digits()) {
      return;
    }
    if (!at_end() && text_[at_] == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1])) {
      ++at_;
      digits();
    }
    if (!at_end() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      at_ += !at_end() && (text_[at_] == '+' || text_[at_] == '-') ? 1 : 0;
      digits();
    }
  }

  bool digits() {
    if (at_end() || !is_digit(text_[at_])) {
      invalid("in numeric literal");
      return false;
    }
    while (!at_end() && is_digit(text_[at_])) {
      ++at_;
    }
    return true;
  }

  void literal(std::string_view word) {
    for (const char expected : word) {
      if (at_end() || text_[at_] != expected) {
        return invalid("in literal " + std::string(word) + " (expecting '" + expected + "')");
      }
      ++at_;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string open_;
  std::string fault_;
};

}  // namespace

std::string json_syntax_error(std::string_view text) { return Scanner(text).first_fault(); }

}  // namespace frond::wire
