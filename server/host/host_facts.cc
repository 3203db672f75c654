#include "server/host/host_facts.h"

#include "base/time_text.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

namespace frond::server {
namespace {

std::int64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t total = 0;
  std::int64_t resident = 0;
  statm >> total >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

std::string uptime_text(std::chrono::seconds uptime) {
  const auto total = uptime.count();
  const auto days = total / 86400;
  const auto hours = total % 86400 / 3600;
  const auto minutes = total % 3600 / 60;
  std::string text;
  text += days > 0 ? std::to_string(days) + "d" : "";
  text += total >= 3600 ? std::to_string(hours) + "h" : "";
  text += total >= 60 ? std::to_string(minutes) + "m" : "";
  return text + std::to_string(total % 60) + "s";
}

std::string with_host_facts(const std::string& varz, std::chrono::system_clock::time_point start,
                            const HostPorts& ports) {
  auto json = nlohmann::ordered_json::parse(varz, nullptr, false);
  if (!json.is_object()) {
    return varz;
  }
  const auto now = std::chrono::system_clock::now();
  const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(now - start);
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const double lived = std::max(1.0, std::chrono::duration<double>(now - start).count());
  json["start"] = base::rfc3339_format(std::chrono::time_point_cast<Duration>(start));
  json["now"] = base::rfc3339_format(std::chrono::time_point_cast<Duration>(now));
  json["uptime"] = uptime_text(uptime);
  json["mem"] = resident_bytes();
  json["cores"] = std::thread::hardware_concurrency();
  json["cpu"] = (seconds(usage.ru_utime) + seconds(usage.ru_stime)) / lived * 100.0;
  json["http_port"] = ports.http;
  auto& leaf = json["leaf"] = nlohmann::ordered_json::object();
  if (ports.leafs) {
    leaf["host"] = ports.leafs->host;
    leaf["port"] = ports.leafs->port;
  }
  return json.dump(2);
}

}  // namespace frond::server
