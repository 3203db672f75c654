#include "store/subject_filter.h"

#include "subject/match.h"
#include "subject/tokens.h"
#include "subject/validity.h"

namespace frond::store {

std::string_view literal_prefix(std::string_view filter) {
  for (subject::TokenCursor cursor(filter); cursor.next();) {
    const std::string_view token = cursor.token();
    if (token == subject::any_token || token == subject::any_rest) {
      return filter.substr(0, static_cast<std::size_t>(token.data() - filter.data()));
    }
  }
  return filter;
}

bool filter_has_wildcard(std::string_view filter) { return subject::has_wildcards(filter); }

bool filter_matches(std::string_view filter, std::string_view subject) {
  return filter.empty() || subject::matches(filter, subject);
}

}  // namespace frond::store
