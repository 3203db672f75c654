#pragma once
// Whole numbers as varints: seven bits a byte, lowest first. Pure functions for what is written to
// blocks.

#include "store/format.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace frond::store {

inline void add_varint(std::string& out, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7) out += static_cast<char>(number | 0x80);
  out += static_cast<char>(number);
}

/// Takes a varint from the front of `bytes`; false when it does not end or does not fit.
inline bool take_varint(std::string_view& bytes, std::uint64_t& number) {
  number = 0;
  for (std::size_t i = 0; i < bytes.size() && i < format::varint_bytes_max; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    if (i == 9 && byte > 1) return false;
    number |= static_cast<std::uint64_t>(byte & 0x7F) << (7 * i);
    if ((byte & 0x80) == 0) {
      bytes.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

/// Differences that may be negative, small ones short.
inline std::uint64_t zigzag(std::uint64_t difference) {
  return (difference << 1) ^ (std::uint64_t{0} - (difference >> 63));
}
inline std::uint64_t from_zigzag(std::uint64_t number) {
  return (number >> 1) ^ (std::uint64_t{0} - (number & 1));
}

}  // namespace frond::store
