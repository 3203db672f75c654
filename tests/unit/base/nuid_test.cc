#include "base/nuid.h"

#include <catch2/catch.hpp>
#include <map>

namespace {

struct Counter : frond::Entropy {
  std::uint64_t state = 1;
  std::uint64_t next() override {
    // splitmix64
    std::uint64_t z = (state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
};
struct Stuck : frond::Entropy {
  std::uint64_t next() override { return UINT64_MAX; }
};

}  // namespace

TEST_CASE("a nuid has 22 characters of base 62 and follows the entropy") {
  Counter first, second;
  const std::string name = frond::base::random_name(first);
  CHECK(name.size() == 22);
  CHECK(name.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") ==
        std::string::npos);
  CHECK(name == frond::base::random_name(second));
  CHECK(name != frond::base::random_name(first));
  CHECK(frond::base::random_name(first, 8).size() == 8);
  CHECK(frond::base::random_name(first, 0).empty());
}

TEST_CASE("every character is about as likely as another") {
  Counter entropy;
  std::map<char, int> seen;
  for (const char c : frond::base::random_name(entropy, 62'000)) {
    ++seen[c];
  }
  CHECK(seen.size() == 62);
  for (const auto& [c, count] : seen) {
    CHECK(count > 800);
    CHECK(count < 1200);
  }
}

TEST_CASE("a server id looks like a server's public key") {
  Counter entropy;
  const std::string id = frond::base::random_server_id(entropy);
  CHECK(id.size() == 56);
  CHECK(id.front() == 'N');
  CHECK(id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == std::string::npos);
}

TEST_CASE("an entropy that is stuck does not hang the node") {
  Stuck entropy;
  CHECK(frond::base::random_name(entropy).size() == 22);
}
