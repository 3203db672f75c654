#include "subject/validity.h"

#include "base/limits.h"
#include "subject/tokens.h"

#include <cstddef>

namespace frond::subject {

bool valid(std::string_view subject) {
  using namespace std::string_view_literals;
  if (subject.find_first_of("\0\t\n\v\f\r "sv) != std::string_view::npos) {
    return false;
  }
  std::size_t count = 0;
  for (TokenCursor cursor(subject); cursor.next();) {
    if (cursor.token().empty() || (cursor.token() == any_rest && !cursor.last()) ||
        ++count > base::subject_tokens_max) {
      return false;
    }
  }
  return true;
}

bool valid_literal(std::string_view subject) { return valid(subject) && !has_wildcards(subject); }

bool has_wildcards(std::string_view subject) {
  for (TokenCursor cursor(subject); cursor.next();) {
    if (cursor.token() == any_token || cursor.token() == any_rest) {
      return true;
    }
  }
  return false;
}

}  // namespace frond::subject
