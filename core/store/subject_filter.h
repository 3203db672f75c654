#pragma once
// What the store asks of a filter: does it match a stored subject, and which literal beginning do
// all its matches share (so that a sorted list of subjects is searched only there). Pure functions.

#include <string_view>

namespace frond::store {

/// Whether the filter has a token "*" or ">".
bool filter_has_wildcard(std::string_view filter);
/// What every matching subject starts with, up to and including the dot before the first wildcard.
std::string_view literal_prefix(std::string_view filter);
/// Whether a literal subject matches; an empty filter matches all.
bool filter_matches(std::string_view filter, std::string_view subject);

}  // namespace frond::store
