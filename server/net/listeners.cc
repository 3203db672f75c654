#include "server/net/listeners.h"

#include <optional>
#include <string>
#include <utility>

namespace frond::server {
namespace {

namespace ip = boost::asio::ip;
using ip::tcp;

std::string address_text(const ListenAddress& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return (v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

ListenAddress address_of(const Listener& listener) { return {listener.host(), listener.port()}; }

/// Hands a socket on, unless the other side has already gone.
Listener::Accept handing_on(const Listeners::Accept& accept, ConnectionKind kind, bool websocket) {
  return [accept, kind, websocket](tcp::socket socket) {
    boost::system::error_code error;
    const tcp::endpoint peer = socket.remote_endpoint(error);
    if (error) {
      return;
    }
    ConnectionInfo info;
    info.kind = kind;
    info.websocket = websocket;
    ip::address from = peer.address();
    if (from.is_v6() && from.to_v6().is_v4_mapped()) {
      from = ip::make_address_v4(ip::v4_mapped, from.to_v6());
    }
    info.address = from.to_string();
    accept(std::move(socket), std::move(info));
  };
}

}  // namespace

Listeners::Listeners(boost::asio::io_context& loop, const Log& log, const Settings& settings) {
  const auto open = [&](std::shared_ptr<Listener>& listener, const char* name,
                        const std::optional<ListenAddress>& address) {
    if (address) {
      listener = std::make_shared<Listener>(loop, log, name, *address);
    }
  };
  open(monitoring_, "Monitor", settings.monitoring);
  open(leafs_, "Leafnode", settings.leafs);
  open(websocket_, "WebSocket", settings.websocket);
  open(clients_, "Client", settings.clients);
}

void Listeners::start(const Accept& accept, const MonitoringPage& page) {
  if (monitoring_) {
    monitoring_->start([page](tcp::socket socket) { serve_monitoring(std::move(socket), page); });
  }
  if (leafs_) {
    leafs_->start(handing_on(accept, ConnectionKind::leaf, false));
  }
  if (websocket_) {
    websocket_->start(handing_on(accept, ConnectionKind::client, true));
  }
  clients_->start(handing_on(accept, ConnectionKind::client, false));
}

void Listeners::stop_accepting() {
  for (const auto& listener : {clients_, websocket_, leafs_}) {
    if (listener) {
      listener->stop();
    }
  }
}

std::optional<ListenAddress> Listeners::leafs() const {
  return leafs_ ? std::optional(address_of(*leafs_)) : std::nullopt;
}

void Listeners::stop() {
  stop_accepting();
  if (monitoring_) {
    monitoring_->stop();
  }
}

ListenUrls Listeners::announce(const Log& log) const {
  ListenUrls urls;
  if (monitoring_) {
    log.info("Starting http monitor on " + address_text(address_of(*monitoring_)));
    urls.monitoring = listen_urls("http", address_of(*monitoring_));
  }
  if (leafs_) {
    log.info("Listening for leafnode connections on " + address_text(address_of(*leafs_)));
    urls.leafnodes = listen_urls("nats", address_of(*leafs_));
  }
  if (websocket_) {
    log.info("Listening for websocket clients on ws://" + address_text(address_of(*websocket_)));
    urls.websocket = listen_urls("ws", address_of(*websocket_));
  }
  log.info("Listening for client connections on " + address_text(address_of(*clients_)));
  urls.nats = listen_urls("nats", address_of(*clients_));
  return urls;
}

}  // namespace frond::server
