#pragma once
// A client or leaf over WebSocket, accepted or dialled. An accepted one reads the HTTP request
// first: the path /leafnode makes it a leaf (leafnode-protocol 1), any other a client. Bytes are a
// stream: frames are cut by size only.

#include "server/net/connection.h"

#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <string>

namespace frond::server {

struct WebsocketOptions {
  bool compression = false;
  bool leafs = false;  ///< The configuration lets leafs join at all.
};

/// The server's side of a connected socket; the info's kind follows from the path.
std::shared_ptr<Connection> accept_websocket(ConnectionId id, ConnectionInfo info,
                                             boost::asio::ip::tcp::socket socket,
                                             const WebsocketOptions& options,
                                             ConnectionEvents& events);

/// The client's side of a connected socket: shakes hands for `path` at `host`.
std::shared_ptr<Connection> dial_websocket(ConnectionId id, ConnectionInfo info,
                                           boost::asio::ip::tcp::socket socket,
                                           const std::string& host, const std::string& path,
                                           ConnectionEvents& events);

}  // namespace frond::server
