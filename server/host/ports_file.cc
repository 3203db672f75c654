#include "server/host/ports_file.h"

#include "server/disk/text_file.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

namespace frond::server {
namespace {

/// IPv4 addresses of the interfaces that are up, loopback too.
std::vector<std::string> interface_addresses() {
  std::vector<std::string> found;
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) {
    return {"127.0.0.1"};
  }
  for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr || one->ifa_addr->sa_family != AF_INET ||
        (one->ifa_flags & IFF_UP) == 0) {
      continue;
    }
    char text[INET_ADDRSTRLEN] = "";
    const auto* address = reinterpret_cast<const sockaddr_in*>(one->ifa_addr);
    ::inet_ntop(AF_INET, &address->sin_addr, text, sizeof text);
    found.emplace_back(text);
  }
  ::freeifaddrs(all);
  return found;
}

}  // namespace

std::vector<std::string> listen_urls(std::string_view scheme, const ListenAddress& address) {
  std::vector<std::string> hosts{address.host};
  if (address.host.empty() || address.host == "0.0.0.0" || address.host == "::") {
    hosts = interface_addresses();
  }
  std::vector<std::string> urls;
  for (const std::string& host : hosts) {
    const bool v6 = host.find(':') != std::string::npos;
    urls.push_back(std::string(scheme) + "://" + (v6 ? "[" + host + "]" : host) + ":" +
                   std::to_string(address.port));
  }
  return urls;
}

PortsFile::PortsFile(const std::string& directory, const std::string& program,
                     const ListenUrls& urls, std::string& error) {
  if (directory.empty()) {
    return;
  }
  nlohmann::ordered_json json;
  json["nats"] = urls.nats;
  const auto add = [&json](const char* key, const std::vector<std::string>& list) {
    if (!list.empty()) {
      json[key] = list;
    }
  };
  add("monitoring", urls.monitoring);
  add("websocket", urls.websocket);
  add("leafnodes", urls.leafnodes);
  const std::string name = std::filesystem::path(program).filename().string();
  const std::string path = directory + "/" + name + "_" + std::to_string(::getpid()) + ".ports";
  // Renamed into place: whoever waits for the file must not read half of it.
  const std::string fresh = path + ".new";
  error = write_text_file(fresh, json.dump(2) + '\n');
  std::error_code failed;
  if (error.empty()) {
    std::filesystem::rename(fresh, path, failed);
  }
  if (!error.empty() || failed) {
    error = "Error writing ports file (" + path + "): " + (failed ? failed.message() : error);
    ::unlink(fresh.c_str());
    return;
  }
  path_ = path;
}

PortsFile::~PortsFile() {
  if (!path_.empty()) {
    ::unlink(path_.c_str());
  }
}

}  // namespace frond::server
