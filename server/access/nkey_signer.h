#pragma once
// Signs the hub's nonce with a user's nkey (frond/host.h, AU-07): Ed25519 over a seed "SU...".

#include <frond/host.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace frond::server {

/// The seed is not a user's nkey seed.
class NkeyError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class NkeySigner : public Signer {
 public:
  /// Throws NkeyError.
  explicit NkeySigner(std::string_view seed);
  ~NkeySigner() override;
  NkeySigner(const NkeySigner&) = delete;
  NkeySigner& operator=(const NkeySigner&) = delete;

  std::string public_key() const override;
  std::string sign(std::string_view nonce) const override;

 private:
  struct Key;
  std::unique_ptr<Key> key_;
};

}  // namespace frond::server
