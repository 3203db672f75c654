#pragma once
// Which texts are subjects at all (SU-01, SU-02). Sessions ask before they subscribe, the API
// before it accepts a stream or consumer.

#include <string_view>

namespace frond::subject {

/// For subscriptions and stream subjects, wildcards allowed: no empty token, no space, tab, CR, LF,
/// VT, FF or NUL, '>' only as the last token, at most limits.h subject_tokens_max tokens.
bool valid(std::string_view subject);

/// As valid(), and without wildcards: what one may publish to.
bool valid_literal(std::string_view subject);

/// Whether a token is "*" or ">". Both are plain characters inside a longer token.
bool has_wildcards(std::string_view subject);

}  // namespace frond::subject
