#include "store/checksum.h"

#include <catch2/catch.hpp>

#include <cstddef>
#include <string>

using frond::store::crc32c;

TEST_CASE("checksum: the values that the standards give") {
  CHECK(crc32c("") == 0);
  CHECK(crc32c("123456789") == 0xE3069283);
  // RFC 3720, B.4.
  CHECK(crc32c(std::string(32, '\0')) == 0x8A9136AA);
  CHECK(crc32c(std::string(32, '\xFF')) == 0x62A8AB43);
  std::string rising;
  for (char c = 0; c < 32; ++c) rising += c;
  CHECK(crc32c(rising) == 0x46DD794E);
}

TEST_CASE("checksum: any length and any place in memory, as bit by bit") {
  const auto slowly = [](std::string_view bytes) {
    std::uint32_t sum = ~std::uint32_t{0};
    for (const char c : bytes) {
      sum ^= static_cast<unsigned char>(c);
      for (int bit = 0; bit < 8; ++bit) sum = sum >> 1 ^ (sum & 1 ? 0x82F63B78 : 0);
    }
    return ~sum;
  };
  std::string text;
  for (std::size_t i = 0; i < 200; ++i) text += static_cast<char>(i * 37 + i / 7);
  for (std::size_t begin = 0; begin < 9; ++begin) {
    for (std::size_t length = 0; begin + length <= text.size(); ++length) {
      const std::string_view bytes = std::string_view(text).substr(begin, length);
      if (crc32c(bytes) != slowly(bytes)) FAIL("from " << begin << ", " << length << " bytes");
    }
  }
}
