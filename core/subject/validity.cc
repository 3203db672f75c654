#include "subject/validity.h"

#include "base/limits.h"
#include "subject/tokens.h"

#include <cstddef>

namespace frond::subject {

namespace {

enum class Form { invalid, with_wildcards, literal };

/// One pass with one comparison for most bytes, as each message of a pedantic client is looked at:
/// every byte that ends a token, or that no subject may have, is at most a dot, and no letter is.
Form form_of(std::string_view subject) {
  Form form = Form::literal;
  std::size_t tokens = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= subject.size(); ++i) {
    const bool last = i == subject.size();
    const char c = last ? separator : subject[i];
    if (static_cast<unsigned char>(c) > separator) {
      continue;
    }
    if (c == separator) {
      const std::string_view token = subject.substr(start, i - start);
      if (token.empty() || (token == any_rest && !last) || ++tokens > base::subject_tokens_max) {
        return Form::invalid;
      }
      if (token == any_token || token == any_rest) {
        form = Form::with_wildcards;
      }
      start = i + 1;
    } else if (c == ' ' || c == '\0' || (c >= '\t' && c <= '\r')) {
      return Form::invalid;
    }
  }
  return form;
}

}  // namespace

bool valid(std::string_view subject) { return form_of(subject) != Form::invalid; }

bool valid_literal(std::string_view subject) { return form_of(subject) == Form::literal; }

bool has_wildcards(std::string_view subject) {
  const std::size_t size = subject.size();
  for (std::size_t i = 0; i < size; ++i) {
    const char c = subject[i];
    if ((c == any_token.front() || c == any_rest.front()) &&
        (i == 0 || subject[i - 1] == separator) && (i + 1 == size || subject[i + 1] == separator)) {
      return true;
    }
  }
  return false;
}

}  // namespace frond::subject
