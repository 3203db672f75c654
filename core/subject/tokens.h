#pragma once
// The tokens of a subject: what stands between its dots. Every rule about subjects (validity,
// matching, the trie) is a rule about tokens, so splitting is done here and nowhere else.

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

namespace frond::subject {

inline constexpr char separator = '.';
inline constexpr std::string_view any_token = "*";  ///< One token, whatever it is.
inline constexpr std::string_view any_rest = ">";   ///< One or more tokens; only as the last one.

/// Walks over the tokens of a subject without allocating. An empty subject has one empty token.
class TokenCursor {
 public:
  explicit TokenCursor(std::string_view subject) : rest_(subject) {}

  /// Moves to the next token; false behind the last one.
  bool next() {
    if (done_) {
      return false;
    }
    const std::size_t dot = rest_.find(separator);
    token_ = rest_.substr(0, dot);
    if (dot == std::string_view::npos) {
      done_ = true;
    } else {
      rest_.remove_prefix(dot + 1);
    }
    return true;
  }
  std::string_view token() const { return token_; }
  /// True when token() is the last one.
  bool last() const { return done_; }

 private:
  std::string_view rest_;
  std::string_view token_;
  bool done_ = false;
};

/// All tokens at once, for algorithms that go back and forth. Subjects of up to 16 tokens need no
/// allocation. Views of the subject: it must outlive the list.
class TokenList {
 public:
  explicit TokenList(std::string_view subject) {
    for (TokenCursor cursor(subject); cursor.next();) {
      if (size_ < inline_tokens) {
        few_[size_] = cursor.token();
      } else {
        if (size_ == inline_tokens) {
          many_.assign(few_.begin(), few_.end());
        }
        many_.push_back(cursor.token());
      }
      ++size_;
    }
  }
  std::size_t size() const { return size_; }
  std::string_view operator[](std::size_t index) const {
    return size_ <= inline_tokens ? few_[index] : many_[index];
  }

 private:
  static constexpr std::size_t inline_tokens = 16;
  std::array<std::string_view, inline_tokens> few_;
  std::vector<std::string_view> many_;
  std::size_t size_ = 0;
};

}  // namespace frond::subject
