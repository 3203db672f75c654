#pragma once
// How two subjects relate (SU-02). For one subject against many stored ones use subject/trie.h.
// All arguments are valid subjects (subject/validity.h).

#include <string_view>

namespace frond::subject {

/// Whether a message on `literal` reaches a subscription of `filter`.
bool matches(std::string_view filter, std::string_view literal);

/// Whether everything that `narrow` can match is also matched by `wide`. Both may have wildcards:
/// "a.*" is a subset of "a.>", "a.>" is none of "a.*".
bool is_subset(std::string_view narrow, std::string_view wide);

/// Whether some literal subject matches both: streams must not overlap in this sense (10065).
bool overlap(std::string_view first, std::string_view second);

}  // namespace frond::subject
