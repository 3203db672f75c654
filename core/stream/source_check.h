#pragma once
// What the sources of a stream may be, and by what name each is known: the same origin may be a
// source several times, with other filters. A part of check_config; sync finds its positions by the
// names.

#include "stream/config.h"
#include "stream/config_check.h"
#include "stream/error.h"

#include <string>

namespace frond::stream {

/// Three words, as they stand in the header Nats-Stream-Source.
struct SourceName {
  std::string origin;  ///< The stream, and for another domain's ":" and a hash of its API.
  std::string filters;
  std::string destinations;

  auto operator<=>(const SourceName&) const = default;
};
SourceName source_name(const StreamSource& source);

ApiError check_sources(const StreamConfig& config, const ConfigLookup& find);

}  // namespace frond::stream
