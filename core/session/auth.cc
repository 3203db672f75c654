#include "session/auth.h"

#include <string>
#include <string_view>

namespace frond::session {
namespace {

/// Takes as long for a wrong secret as for the right one.
bool same_secret(std::string_view given, std::string_view expected) {
  unsigned difference = given.size() == expected.size() ? 0u : 1u;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const char other = expected.empty() ? '\0' : expected[i % expected.size()];
    difference |= static_cast<unsigned char>(given[i] ^ other);
  }
  return difference == 0;
}

const User* find_user(const Config& config, const ConnectOptions& options) {
  const bool anonymous = options.user.empty() && options.token.empty();
  const std::string& name = anonymous ? config.no_auth_user : options.user;
  if (name.empty()) {
    return nullptr;
  }
  for (const User& user : config.users) {
    if (user.name == name) {
      return anonymous || same_secret(options.password, user.password) ? &user : nullptr;
    }
  }
  return nullptr;
}

}  // namespace

bool has_credentials(const Config& config) {
  return !config.users.empty() || !config.token.empty();
}

Verdict authenticate(const Config& config, const ConnectOptions& options) {
  if (const User* user = find_user(config, options)) {
    return {true, user};
  }
  return {!config.token.empty() && same_secret(options.token, config.token), nullptr};
}

}  // namespace frond::session
