#include "base/base64.h"

#include <catch2/catch.hpp>

using frond::base::base64_decode;
using frond::base::base64_encode;
using frond::base::base64url_encode;

TEST_CASE("base 64: the vectors of RFC 4648") {
  const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    CHECK(base64_encode(bytes) == text);
    CHECK(base64_decode(text) == bytes);
    const std::string bare = text.substr(0, text.find('='));
    CHECK(base64url_encode(bytes) == bare);
    CHECK(base64url_encode(bytes, true) == text);
    CHECK(base64_decode(bare) == bytes);
  }
}

TEST_CASE("base 64: both alphabets and all bytes") {
  std::string all;
  for (int i = 0; i < 256; ++i) {
    all.push_back(static_cast<char>(i));
  }
  CHECK(base64_encode("\xff\xfe\xfd") == "//79");
  CHECK(base64url_encode("\xff\xfe\xfd") == "__79");
  CHECK(base64_decode(base64_encode(all)) == all);
  CHECK(base64_decode(base64url_encode(all)) == all);
}

TEST_CASE("base 64: malformed text is refused") {
  for (const char* text :
       {"A", "AAAAA", "AA=", "AAA==", "A===", "AA=A", "A A=", "AA\n=", "====", "é"}) {
    CAPTURE(text);
    CHECK_FALSE(base64_decode(text).has_value());
  }
}
