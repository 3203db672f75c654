#pragma once
// Random names as NATS clients and servers make them: 22 characters of base 62 (a NUID) for
// inboxes, ephemeral consumers and server ids. All randomness comes from the host (host.h), so that
// a simulated node gives the same names again.

#include <frond/host.h>

#include <cstddef>
#include <string>

namespace frond::base {

inline constexpr std::size_t nuid_length = 22;

/// `length` characters of 0-9A-Za-z, each drawn without bias.
std::string random_name(Entropy& entropy, std::size_t length = nuid_length);

/// 56 characters in the shape of a server's public nkey: "N", then base 32 (IN-01).
std::string random_server_id(Entropy& entropy);

}  // namespace frond::base
