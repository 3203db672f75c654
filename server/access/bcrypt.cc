#include "server/access/bcrypt.h"

#include "base/secret.h"

#include <crypt.h>

#include <cstddef>
#include <memory>
#include <string>

namespace frond::server {
namespace {

// "$2b$10$" and 22 characters of salt; 31 of the hash itself follow.
constexpr std::size_t kSaltEnd = 29;
constexpr std::size_t kHashBytes = 60;

}  // namespace

int bcrypt_cost(std::string_view secret) {
  return base::is_bcrypt(secret) ? (secret[4] - '0') * 10 + (secret[5] - '0') : 0;
}

bool bcrypt_matches(std::string_view hash, std::string_view secret) {
  // crypt() ends at a NUL, where the rest of what was given would not count.
  if (!base::is_bcrypt(hash) || hash.size() != kHashBytes || bcrypt_cost(hash) > kBcryptCostMax ||
      secret.find('\0') != std::string_view::npos) {
    return false;
  }
  // The letter names who computed it and with which fault of old; nats-server knows one way only,
  // which is y here.
  std::string setting(hash);
  setting[2] = 'y';
  const auto work = std::make_unique<crypt_data>();
  const char* made = ::crypt_r(std::string(secret).c_str(), setting.c_str(), work.get());
  const std::string_view result = made == nullptr ? std::string_view() : made;
  return result.size() == kHashBytes &&
         base::same_secret(result.substr(kSaltEnd), hash.substr(kSaltEnd));
}

}  // namespace frond::server
