#pragma once
// Signs the hub's nonce in JavaScript, where the nkey seed stays (AU-07). Lives as long as its
// WasmNode. The seed may come, go and change; without one the public key is empty.

#include <frond/host.h>

#include "boundary.h"

namespace frond::wasm {

class ImportedSigner final : public Signer {
 public:
  std::string public_key() const override { return boundary_public_key(); }
  std::string sign(std::string_view nonce) const override { return boundary_sign(nonce); }
};

}  // namespace frond::wasm
