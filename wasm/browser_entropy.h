#pragma once
// Randomness from the platform (crypto.getRandomValues), fetched in batches because each crossing
// into JavaScript costs more than the bytes. Lives as long as its WasmNode.

#include <frond/host.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace frond::wasm {

class BrowserEntropy final : public Entropy {
 public:
  std::uint64_t next() override;

 private:
  // getentropy() gives at most 256 bytes a call.
  std::array<std::uint64_t, 32> batch_{};
  std::size_t used_ = batch_.size();
};

}  // namespace frond::wasm
