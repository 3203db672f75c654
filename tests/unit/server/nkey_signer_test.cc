#include "server/access/nkey_signer.h"

#include "base/base64.h"

#include <catch2/catch.hpp>

using namespace frond::server;

// A pair made by the official JavaScript library; its signature of "nonce" too.
TEST_CASE("a user's seed gives its public key and signature") {
  const NkeySigner signer("SUAN7QV4UGIPVPUUIBTMMPPVZ2FF7CTQF4PAQ4ZQZJALQ4YTLRGW35S66E");
  CHECK(signer.public_key() == "UDF6XWFONQ3OX2LUZB7642R72E7INWV5YXVG6S2ITDHXVAPQVB7346WG");
  CHECK(signer.sign("nonce") ==
        "WqNv5lpw3QLofLOp4sekmeW6b3yRvH_fmDF3U_4-kCMGFhbE3Hac9-9tQ7y4yw2fDs3_9Eg7-XkfDUAV81V3BA");
}

TEST_CASE("a damaged or foreign seed is refused") {
  CHECK_THROWS_AS(NkeySigner(""), NkeyError);
  CHECK_THROWS_AS(NkeySigner("SUAAA"), NkeyError);
  std::string damaged = "SUAN7QV4UGIPVPUUIBTMMPPVZ2FF7CTQF4PAQ4ZQZJALQ4YTLRGW35S66E";
  damaged[20] = damaged[20] == 'A' ? 'B' : 'A';
  CHECK_THROWS_AS(NkeySigner(damaged), NkeyError);
  CHECK_THROWS_AS(NkeySigner("SAAMPHMOVEYMCUGZMTUXSTASOXPNBJICFYVRPXST2TUQBPCFK6N27U4ID4"),
                  NkeyError);
}
