#pragma once
// What /varz says about the process and the machine, which the engine cannot know.

#include "server/conf/settings.h"

#include <frond/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace frond::server {

/// Where the host listens besides for clients.
struct HostPorts {
  int http = 0;
  std::optional<ListenAddress> leafs;
};

/// Adds mem, cores, cpu, http_port and leaf to the engine's /varz.
std::string with_host_facts(const std::string& varz, Duration uptime, const HostPorts& ports);

}  // namespace frond::server
