#pragma once
// The system's randomness for the engine (frond/host.h), fetched a page at a time because the
// engine asks often and a few bytes at once.

#include <frond/host.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace frond::server {

class SystemEntropy : public Entropy {
 public:
  std::uint64_t next() override;

 private:
  std::array<std::uint64_t, 256> pool_{};
  std::size_t used_ = pool_.size();
};

}  // namespace frond::server
