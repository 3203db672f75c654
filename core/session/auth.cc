#include "session/auth.h"

#include "base/base64.h"

#include <algorithm>
#include <cstddef>

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

bool has_signed(const User& user, const ConnectOptions& options, std::string_view nonce,
                const Verifier* verifier) {
  const auto signature = base::base64_decode(options.signature);
  return signature && !nonce.empty() && verifier != nullptr &&
         verifier->verify(user.nkey, nonce, *signature);
}

const User* find_user(const Config& config, const ConnectOptions& options, std::string_view nonce,
                      const Verifier* verifier) {
  if (!options.nkey.empty()) {
    const auto user = std::ranges::find(config.users, options.nkey, &User::nkey);
    if (user != config.users.end()) {
      return has_signed(*user, options, nonce, verifier) ? &*user : nullptr;
    }
  }
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

bool has_nkeys(const Config& config) {
  return std::ranges::any_of(config.users, [](const User& user) { return !user.nkey.empty(); });
}

std::string make_nonce(Entropy& entropy) {
  constexpr std::size_t nonce_bytes = 11;
  std::string bytes;
  while (bytes.size() < nonce_bytes) {
    bytes += static_cast<char>(entropy.next() & 0xFF);
  }
  return base::base64url_encode(bytes);
}

const std::string& user_id(const User& user) { return user.nkey.empty() ? user.name : user.nkey; }

Verdict authenticate(const Config& config, const ConnectOptions& options, std::string_view nonce,
                     const Verifier* verifier) {
  if (const User* user = find_user(config, options, nonce, verifier)) {
    return {true, user};
  }
  return {!config.token.empty() && same_secret(options.token, config.token), nullptr};
}

}  // namespace frond::session
