#pragma once
// Secrets that a configuration keeps as bcrypt hashes (libxcrypt computes them). Slow on purpose:
// secret_checker runs it on a thread of its own, never the loop's.

#include <string_view>

namespace frond::server {

/// The costliest hash that is taken: about a second of one core.
inline constexpr int kBcryptCostMax = 14;

/// What is written between the dollars, the logarithm of the rounds; 0 when the text is no hash.
int bcrypt_cost(std::string_view secret);

bool bcrypt_matches(std::string_view hash, std::string_view secret);

}  // namespace frond::server
