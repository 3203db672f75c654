#pragma once
// What /varz says about the process and the machine, which the engine cannot know.

#include "server/conf/settings.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace frond::server {

/// Where the host listens besides for clients.
struct HostPorts {
  int http = 0;
  std::optional<ListenAddress> leafs;
};

/// Adds start, now, uptime, mem, cores, cpu, http_port and leaf to the engine's /varz.
std::string with_host_facts(const std::string& varz, std::chrono::system_clock::time_point start,
                            const HostPorts& ports);

/// "1d2h3m4s" as nats-server writes an uptime.
std::string uptime_text(std::chrono::seconds uptime);

}  // namespace frond::server
