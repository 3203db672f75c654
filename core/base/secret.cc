#include "base/secret.h"

#include <cstddef>

namespace frond::base {

bool same_secret(std::string_view given, std::string_view expected) {
  unsigned difference = given.size() == expected.size() ? 0u : 1u;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const char other = expected.empty() ? '\0' : expected[i % expected.size()];
    difference |= static_cast<unsigned char>(given[i] ^ other);
  }
  return difference == 0;
}

bool is_bcrypt(std::string_view secret) {
  const auto digit = [secret](std::size_t at) { return secret[at] >= '0' && secret[at] <= '9'; };
  // "$2b$10$...": wider than what a hash can be, for what looks like one must not pass as a
  // password.
  return secret.size() >= 7 && secret.starts_with("$2") &&
         std::string_view("abxy").find(secret[2]) != std::string_view::npos && secret[3] == '$' &&
         digit(4) && digit(5) && secret[6] == '$';
}

}  // namespace frond::base
