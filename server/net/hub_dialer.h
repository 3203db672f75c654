#pragma once
// Opens the connection the engine asks for with DialHub: ws://host[:port][/path] or
// nats-leaf://host[:port] (also nats:// and tcp://). wss:// is not spoken by this host.

#include "server/net/connection.h"
#include "server/net/hub_url.h"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>

namespace frond::server {

/// Resolves and connects; exactly one of the functions is called, later, on the loop: `connected`
/// with a connection that has not been started, or `failed` with the cause.
void dial_hub(boost::asio::io_context& loop, ConnectionId id, const std::string& url,
              ConnectionEvents& events, std::function<void(std::shared_ptr<Connection>)> connected,
              std::function<void(std::string cause)> failed);

}  // namespace frond::server
