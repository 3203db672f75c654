#include "server/access/nkey_signer.h"

#include "base/base64.h"
#include "server/access/nkey_text.h"

#include <openssl/evp.h>

#include <array>
#include <cstdint>

namespace frond::server {
namespace {

constexpr unsigned kSeedPrefix = 18u << 3;  // 'S'

}  // namespace

struct NkeySigner::Key {
  EVP_PKEY* pair = nullptr;
};

NkeySigner::NkeySigner(std::string_view seed) : key_(std::make_unique<Key>()) {
  const std::string raw = nkey_base32_decode(seed);
  if (raw.size() != kNkeyBytes + 4) {
    throw NkeyError("the nkey seed has a wrong length or a wrong character");
  }
  const auto at = [&raw](std::size_t i) { return static_cast<unsigned char>(raw[i]); };
  const unsigned kind = (at(0) & 7u) << 5 | (at(1) & 0xF8u) >> 3;
  if ((at(0) & 0xF8u) != kSeedPrefix || kind != kNkeyUserPrefix) {
    throw NkeyError("the nkey seed is not a user's (SU...)");
  }
  const unsigned sum = at(raw.size() - 2) | static_cast<unsigned>(at(raw.size() - 1)) << 8;
  if (nkey_checksum(std::string_view(raw).substr(0, raw.size() - 2)) != sum) {
    throw NkeyError("the nkey seed's checksum is wrong");
  }
  key_->pair = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr,
                                            reinterpret_cast<const unsigned char*>(raw.data() + 2),
                                            kNkeyBytes);
  if (key_->pair == nullptr) {
    throw NkeyError("the nkey seed cannot be used");
  }
}

NkeySigner::~NkeySigner() { EVP_PKEY_free(key_->pair); }

std::string NkeySigner::public_key() const {
  std::array<unsigned char, kNkeyBytes> bytes{};
  std::size_t size = bytes.size();
  if (EVP_PKEY_get_raw_public_key(key_->pair, bytes.data(), &size) != 1) {
    return {};
  }
  std::string raw(1, static_cast<char>(kNkeyUserPrefix));
  raw.append(reinterpret_cast<const char*>(bytes.data()), size);
  const std::uint16_t sum = nkey_checksum(raw);
  raw += static_cast<char>(sum & 0xFF);
  raw += static_cast<char>(sum >> 8);
  return nkey_base32_encode(raw);
}

std::string NkeySigner::sign(std::string_view nonce) const {
  std::array<unsigned char, 64> signature{};
  std::size_t size = signature.size();
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const bool done =
      EVP_DigestSignInit(context, nullptr, nullptr, nullptr, key_->pair) == 1 &&
      EVP_DigestSign(context, signature.data(), &size,
                     reinterpret_cast<const unsigned char*>(nonce.data()), nonce.size()) == 1;
  EVP_MD_CTX_free(context);
  return done ? base::base64url_encode({reinterpret_cast<const char*>(signature.data()), size})
              : std::string();
}

}  // namespace frond::server
