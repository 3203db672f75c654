#include "server/host/host_facts.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
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

std::string with_host_facts(const std::string& varz, Duration uptime, const HostPorts& ports) {
  auto json = nlohmann::ordered_json::parse(varz, nullptr, false);
  if (!json.is_object()) {
    return varz;
  }
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const double lived = std::max(1.0, std::chrono::duration<double>(uptime).count());
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
