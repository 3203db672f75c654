#pragma once
// <dir>/<program>_<pid>.ports: where this server listens, as JSON, for whoever started it with
// ports chosen by the system. Written once all listeners are open, removed at the end.

#include "server/conf/settings.h"

#include <string>
#include <string_view>
#include <vector>

namespace frond::server {

struct ListenUrls {
  std::vector<std::string> nats, monitoring, websocket, leafnodes;
};

/// URLs under which `address` is reached: every interface's for 0.0.0.0.
std::vector<std::string> listen_urls(std::string_view scheme, const ListenAddress& address);

class PortsFile {
 public:
  /// Writes nothing when `directory` is empty. `error` says what failed.
  PortsFile(const std::string& directory, const std::string& program, const ListenUrls& urls,
            std::string& error);
  ~PortsFile();
  PortsFile(const PortsFile&) = delete;
  PortsFile& operator=(const PortsFile&) = delete;

 private:
  std::string path_;
};

}  // namespace frond::server
