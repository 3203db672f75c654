#pragma once
// Comparing secrets: in a time that says nothing of the right one, or not here at all when only its
// hash is known. Used by access and by hosts; pure functions.

#include <string_view>

namespace frond::base {

/// Takes as long for a wrong secret as for the right one.
bool same_secret(std::string_view given, std::string_view expected);

/// Whether a configured secret is a bcrypt hash, which is never compared as text.
bool is_bcrypt(std::string_view secret);

}  // namespace frond::base
