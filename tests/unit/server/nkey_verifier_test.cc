#include "server/access/nkey_verifier.h"

#include "base/base64.h"

#include <catch2/catch.hpp>
#include <string>

using namespace frond::server;

// Key and signature are of the official JavaScript library; see nkey_signer_test.
TEST_CASE("a signature belongs to one key and one nonce") {
  const std::string key = "UDF6XWFONQ3OX2LUZB7642R72E7INWV5YXVG6S2ITDHXVAPQVB7346WG";
  const std::string signature =
      frond::base::base64_decode(
          "WqNv5lpw3QLofLOp4sekmeW6b3yRvH_fmDF3U_4-kCMGFhbE3Hac9-9tQ7y4yw2fDs3_9Eg7-XkfDUAV81V3BA")
          .value();
  const NkeyVerifier verifier;
  CHECK(verifier.verify(key, "nonce", signature));
  CHECK_FALSE(verifier.verify(key, "nonce2", signature));
  CHECK_FALSE(verifier.verify(key, "nonce", signature.substr(1)));
  CHECK_FALSE(verifier.verify(key, "nonce", ""));
  CHECK_FALSE(verifier.verify("", "nonce", signature));
  std::string damaged = key;
  damaged[20] = damaged[20] == 'A' ? 'B' : 'A';
  CHECK_FALSE(verifier.verify(damaged, "nonce", signature));
}
