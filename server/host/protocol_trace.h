#pragma once
// What -V logs: each line of the protocol as it came or goes, with the secrets of a CONNECT left
// out. Bytes come cut anywhere, so a line that may become a CONNECT waits for its end. Made by
// engine_host, which asks only when the log traces.

#include "server/host/log.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace frond::server {

/// A line of the protocol as it may be shown to anybody.
std::string redacted(std::string_view line);

class ProtocolTrace {
 public:
  explicit ProtocolTrace(const Log& log) : log_(log) {}

  enum class Direction : std::uint8_t { in, out };
  void say(Direction direction, std::uint64_t connection, std::string_view bytes);
  void forget(std::uint64_t connection);

 private:
  void line(Direction direction, std::uint64_t connection, std::string_view text) const;

  const Log& log_;
  std::map<std::pair<std::uint64_t, Direction>, std::string> begun_;
};

}  // namespace frond::server
