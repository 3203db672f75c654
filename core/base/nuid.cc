#include "base/nuid.h"

#include <cstdint>
#include <string_view>

namespace frond::base {
namespace {

std::string draw(Entropy& entropy, std::string_view digits, std::size_t length) {
  std::string out;
  out.reserve(length);
  const std::uint64_t base = digits.size();
  std::uint64_t pool = 0;
  unsigned left = 0;  // Digits that may still be taken from `pool`.
  while (out.size() < length) {
    if (left == 0) {
      // Ten digits of base 62 need 60 of 64 bits; what 64 bits have beyond a multiple of 62^10
      // shifts a digit's chance by less than one in a million, but draws are cheap: be exact.
      constexpr unsigned digits_per_draw = 10;
      std::uint64_t range = 1;
      for (unsigned i = 0; i < digits_per_draw; ++i) {
        range *= base;
      }
      const std::uint64_t bound = UINT64_MAX - UINT64_MAX % range;
      // A stuck source (all ones) must not hang the node; after a few draws take what there is.
      for (int attempt = 0; attempt < 8; ++attempt) {
        pool = entropy.next();
        if (pool < bound) {
          break;
        }
      }
      left = digits_per_draw;
    }
    out.push_back(digits[pool % base]);
    pool /= base;
    --left;
  }
  return out;
}

}  // namespace

std::string random_name(Entropy& entropy, std::size_t length) {
  return draw(entropy, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", length);
}

std::string random_server_id(Entropy& entropy) {
  return "N" + draw(entropy, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 55);
}

}  // namespace frond::base
