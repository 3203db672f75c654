#pragma once
// What /varz says about the process and the machine, which the engine cannot know.

#include <chrono>
#include <string>
#include <string_view>

namespace frond::server {

/// Adds start, now, uptime, mem, cores, cpu and http_port to the engine's /varz.
std::string with_host_facts(const std::string& varz, std::chrono::system_clock::time_point start,
                            int http_port);

/// "1d2h3m4s" as nats-server writes an uptime.
std::string uptime_text(std::chrono::seconds uptime);

}  // namespace frond::server
