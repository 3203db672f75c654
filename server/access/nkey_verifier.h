#pragma once
// Checks what clients sign with their nkeys (frond/host.h, AU-07): Ed25519. Stateless; the engine
// host lends one to the engine.

#include <frond/host.h>

#include <string_view>

namespace frond::server {

class NkeyVerifier : public Verifier {
 public:
  bool verify(std::string_view public_key, std::string_view nonce,
              std::string_view signature) const override;
};

}  // namespace frond::server
