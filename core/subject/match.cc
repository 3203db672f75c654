#include "subject/match.h"

#include "subject/tokens.h"

namespace frond::subject {

bool is_subset(std::string_view narrow, std::string_view wide) {
  TokenCursor inner(narrow);
  TokenCursor outer(wide);
  for (;;) {
    const bool more_inner = inner.next();
    const bool more_outer = outer.next();
    if (!more_inner || !more_outer) {
      return more_inner == more_outer;
    }
    if (outer.token() == any_rest) {
      return true;
    }
    if (inner.token() == any_rest) {
      return false;
    }
    if (outer.token() != any_token && inner.token() != outer.token()) {
      return false;
    }
  }
}

bool matches(std::string_view filter, std::string_view literal) {
  return is_subset(literal, filter);
}

bool overlap(std::string_view first, std::string_view second) {
  TokenCursor left(first);
  TokenCursor right(second);
  for (;;) {
    const bool more_left = left.next();
    const bool more_right = right.next();
    if (!more_left || !more_right) {
      return more_left == more_right;
    }
    if (left.token() == any_rest || right.token() == any_rest) {
      return true;
    }
    if (left.token() != right.token() && left.token() != any_token && right.token() != any_token) {
      return false;
    }
  }
}

}  // namespace frond::subject
