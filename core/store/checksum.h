#pragma once
// CRC-32C (Castagnoli) over records and block headers: what tells a torn or rotten record from a
// whole one. Pure function, no state.

#include <cstdint>
#include <string_view>

namespace frond::store {

std::uint32_t crc32c(std::string_view bytes);

}  // namespace frond::store
