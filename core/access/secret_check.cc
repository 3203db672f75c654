#include "access/secret_check.h"

#include "base/limits.h"

#include <utility>

namespace frond::access {

CheckSecret SecretCheck::begin(ConnectionId connection, const Verdict& verdict) {
  pending_ = true;
  hash_ = verdict.hash;
  return {connection, hash_, std::string(verdict.secret)};
}

bool SecretCheck::keep(std::string_view bytes) {
  if (bytes.size() > base::held_bytes_max - kept_.size()) {
    return false;
  }
  kept_ += bytes;
  return true;
}

std::string SecretCheck::settle(bool matches) {
  pending_ = false;
  if (!matches) {
    hash_.clear();
  }
  return std::exchange(kept_, {});
}

}  // namespace frond::access
