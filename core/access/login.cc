#include "access/login.h"

#include "base/base64.h"
#include "base/secret.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace frond::access {
namespace {

using enum Verdict::Kind;

/// Users by nkey and by name are apart: nobody comes as one of the first by giving no name.
const User* find_name(const std::vector<User>& users, std::string_view name) {
  const auto at = std::ranges::find_if(
      users, [name](const User& user) { return user.nkey.empty() && user.name == name; });
  return at == users.end() ? nullptr : &*at;
}

const User* find_nkey(const std::vector<User>& users, std::string_view nkey) {
  const auto at = std::ranges::find(users, nkey, &User::nkey);
  return nkey.empty() || at == users.end() ? nullptr : &*at;
}

bool has_signed(const User& user, const Login& login, const Verifier* verifier) {
  const auto signature = base::base64_decode(login.signature);
  return signature && !login.nonce.empty() && verifier != nullptr &&
         verifier->verify(user.nkey, login.nonce, *signature);
}

Verdict by_secret(std::string_view expected, std::string_view given, const Login& login,
                  const User* user) {
  if (!base::is_bcrypt(expected)) {
    return {base::same_secret(given, expected) ? admitted : refused, user};
  }
  return {login.matched == expected ? admitted : unsettled, user, expected, given};
}

bool permits(const User& user, const Login& login) {
  return user.connection_types.permit(login.kind, login.websocket);
}

Verdict by_nkey(const Config& config, std::string_view nkey, std::string_view no_auth_user,
                const Login& login, const Verifier* verifier) {
  const User* user = find_nkey(config.users, nkey);
  if (user == nullptr || !permits(*user, login)) {
    return {};
  }
  // Whoever may come without saying anything need not sign either.
  return {nkey == no_auth_user || has_signed(*user, login, verifier) ? admitted : refused, user};
}

Verdict by_name(const std::vector<User>& users, std::string_view name, const Login& login) {
  const User* user = find_name(users, name);
  if (user == nullptr || !permits(*user, login)) {
    return {};
  }
  return by_secret(user->password, login.password, login, user);
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

Verdict authenticate(const Config& config, const Login& login, const Verifier* verifier) {
  const bool websocket_user = login.websocket && !config.websocket_no_auth_user.empty();
  const std::string& no_auth_user =
      websocket_user ? config.websocket_no_auth_user : config.no_auth_user;
  const bool silent = login.user.empty() && login.password.empty() && login.token.empty();
  if (has_nkeys(config)) {
    const bool stands_in = silent && login.nkey.empty() && find_nkey(config.users, no_auth_user);
    const std::string_view nkey = stands_in ? std::string_view(no_auth_user) : login.nkey;
    if (!nkey.empty()) {
      return by_nkey(config, nkey, no_auth_user, login, verifier);
    }
  }
  if (silent && !no_auth_user.empty()) {
    const User* user = find_name(config.users, no_auth_user);
    // Nobody knows the password of such a user when it is kept as a hash; nats-server refuses.
    const bool fits = user != nullptr && permits(*user, login) && !base::is_bcrypt(user->password);
    return {fits ? admitted : refused, user};
  }
  if (!login.user.empty() && !config.users.empty()) {
    return by_name(config.users, login.user, login);
  }
  return config.token.empty() ? Verdict{} : by_secret(config.token, login.token, login, nullptr);
}

Verdict authenticate_leaf(const Config& config, const Login& login, const Verifier* verifier) {
  if (!config.leaf_users.empty()) {
    return by_name(config.leaf_users, login.user, login);
  }
  return has_credentials(config) ? authenticate(config, login, verifier) : Verdict{admitted};
}

}  // namespace frond::access
