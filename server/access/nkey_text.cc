#include "server/access/nkey_text.h"

#include <boost/crc.hpp>

namespace frond::server {
namespace {

constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

}  // namespace

std::string nkey_base32_decode(std::string_view text) {
  std::string bytes;
  unsigned bits = 0;
  int held = 0;
  for (const char c : text) {
    const auto value = kBase32.find(c);
    if (value == std::string_view::npos) {
      return {};
    }
    bits = (bits << 5) | static_cast<unsigned>(value);
    held += 5;
    if (held >= 8) {
      held -= 8;
      bytes += static_cast<char>(bits >> held & 0xFF);
    }
  }
  return bytes;
}

std::string nkey_base32_encode(std::string_view bytes) {
  std::string text;
  unsigned bits = 0;
  int held = 0;
  for (const char c : bytes) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    for (held += 8; held >= 5; held -= 5) {
      text += kBase32[bits >> (held - 5) & 31];
    }
  }
  if (held > 0) {
    text += kBase32[bits << (5 - held) & 31];
  }
  return text;
}

std::uint16_t nkey_checksum(std::string_view bytes) {
  boost::crc_xmodem_t crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

std::optional<std::string> nkey_user_bytes(std::string_view public_key) {
  const std::string raw = nkey_base32_decode(public_key);
  if (raw.size() != kNkeyBytes + 3 || static_cast<unsigned char>(raw[0]) != kNkeyUserPrefix) {
    return std::nullopt;
  }
  const auto at = [&raw](std::size_t i) { return static_cast<unsigned char>(raw[i]); };
  const unsigned sum = at(raw.size() - 2) | static_cast<unsigned>(at(raw.size() - 1)) << 8;
  if (nkey_checksum(std::string_view(raw).substr(0, raw.size() - 2)) != sum) {
    return std::nullopt;
  }
  return raw.substr(1, kNkeyBytes);
}

}  // namespace frond::server
