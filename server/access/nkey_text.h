#pragma once
// How nkeys are written: base 32 of a prefix that says what they are, the key and a checksum. Used
// where seeds and public keys come from configuration: nkey_signer, nkey_verifier, conf/users.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace frond::server {

inline constexpr std::size_t kNkeyBytes = 32;
inline constexpr unsigned kNkeyUserPrefix = 20u << 3;  // 'U'

/// Empty when a character is wrong.
std::string nkey_base32_decode(std::string_view text);
std::string nkey_base32_encode(std::string_view bytes);
/// CRC-16/XMODEM, which nkeys end with.
std::uint16_t nkey_checksum(std::string_view bytes);

/// The 32 bytes of a user's public key "U..."; nothing when it is none.
std::optional<std::string> nkey_user_bytes(std::string_view public_key);

}  // namespace frond::server
