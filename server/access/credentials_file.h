#pragma once
// A user's credentials file, as nsc and `nats` write it: a JWT and the seed that signs for it, in
// two marked blocks. Read once, by the settings of a leaf node remote (AU-07).

#include <optional>
#include <string>
#include <string_view>

namespace frond::server {

struct Credentials {
  std::string jwt;
  std::string nkey_seed;  ///< "SU..."
};

/// Nothing when the text holds no two blocks; what stands outside of them is for people.
std::optional<Credentials> parse_credentials(std::string_view text);

}  // namespace frond::server
