#include "browser_entropy.h"

#include <unistd.h>

#include <cstdlib>

namespace frond::wasm {

std::uint64_t BrowserEntropy::next() {
  if (used_ == batch_.size()) {
    // Without entropy ids would repeat between devices: a trap, which the worker reports.
    if (getentropy(batch_.data(), sizeof(batch_)) != 0) std::abort();
    used_ = 0;
  }
  return batch_[used_++];
}

}  // namespace frond::wasm
