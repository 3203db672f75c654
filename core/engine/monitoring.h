#pragma once
// The monitoring pages (MO-01) as JSON, with the fields of nats-server's that clients and its test
// suites read: /varz, /connz, /subsz, /jsz, /leafz, /healthz. Reads the wiring, changes nothing;
// the native host serves them over HTTP and adds what only a process knows.

#include "engine/wiring.h"

#include <string>
#include <string_view>

namespace frond::engine {

/// Empty when there is no such page. `query` is the URL's part behind '?'.
std::string monitoring_page(Wiring& node, std::string_view path, std::string_view query);

}  // namespace frond::engine
