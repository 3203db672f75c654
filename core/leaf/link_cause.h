#pragma once
// Why there is no link: a code for programs, a sentence for people, and whether the hub will say
// the same again, so that hub_link knows how long to wait. Made of the last that was said on a
// connection, by the hub or by the host, and of how far it had come. docs/link.md lists the codes.

#include "leaf/backoff.h"

#include <frond/config.h>
#include <frond/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace frond::leaf {

/// How far a connection had come when it ended.
enum class LinkStage : std::uint8_t {
  dialling,
  silent,    ///< Open, without a byte of the hub.
  greeting,  ///< The hub has spoken and not let us in yet.
  online,
};

struct LinkCause {
  std::string_view code;  ///< One of those that link_cause.cc lists.
  std::string text;
  /// Set when the hub does not want us (LF-05); a lost network has none.
  std::optional<RefusalPauses> refusal = std::nullopt;
};

/// `said` is an -ERR of the hub, else the close reason or what the host says of a failed dial.
/// `wall` is the time of day: credentials that have expired are refused as any others are.
LinkCause link_cause(std::string_view said, LinkStage stage, const Config& config, WallTime wall);

/// Whether these words of the hub alone are the end, although it has not closed yet.
bool is_refusal(std::string_view said);

/// What to say of an online hub whose domain is not the one that the configuration names; nothing
/// when they agree or none is named.
std::optional<LinkCause> domain_cause(const HubConfig& hub, std::string_view domain);

}  // namespace frond::leaf
