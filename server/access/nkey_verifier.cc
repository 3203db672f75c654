#include "server/access/nkey_verifier.h"

#include "server/access/nkey_text.h"

#include <openssl/evp.h>

#include <memory>

namespace frond::server {
namespace {

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

bool NkeyVerifier::verify(std::string_view public_key, std::string_view nonce,
                          std::string_view signature) const {
  const auto raw = nkey_user_bytes(public_key);
  if (!raw) {
    return false;
  }
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes(*raw), raw->size()),
      EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  return key && context &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(nonce),
                          nonce.size()) == 1;
}

}  // namespace frond::server
