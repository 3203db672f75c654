#pragma once
// Monitoring over HTTP: the engine's pages (Engine::monitoring_json) with what only the host knows
// added to /varz. One session per socket, GET and HEAD only.

#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace frond::server {

/// The JSON of a page, or nothing when there is no such page.
using MonitoringPage = std::function<std::string(std::string_view path, std::string_view query)>;

/// Serves requests on the socket until the peer closes it or is silent for long.
void serve_monitoring(boost::asio::ip::tcp::socket socket, MonitoringPage page);

}  // namespace frond::server
