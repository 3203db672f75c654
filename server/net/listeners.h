#pragma once
// Every place where the host listens: clients always, WebSocket clients, leafs and monitoring as
// the settings say. All are opened before the engine is made, because INFO says the port, and
// started when it can take connections. engine_host makes connections of what they accept.

#include "server/conf/settings.h"
#include "server/host/log.h"
#include "server/host/ports_file.h"
#include "server/net/listener.h"
#include "server/net/monitoring.h"

#include <frond/config.h>

#include <functional>
#include <memory>
#include <optional>

namespace frond::server {

class Listeners {
 public:
  /// A socket and what is known of who is behind it.
  using Accept = std::function<void(boost::asio::ip::tcp::socket, ConnectionInfo)>;

  /// Throws ListenError.
  Listeners(boost::asio::io_context& loop, const Log& log, const Settings& settings);

  void start(const Accept& accept, const MonitoringPage& page);
  void stop();
  /// All but monitoring.
  void stop_accepting();
  /// Says in the log where it listens, and returns the same for the ports file.
  ListenUrls announce(const Log& log) const;

  const Listener& clients() const { return *clients_; }
  /// Only with monitoring.
  const Listener& monitoring() const { return *monitoring_; }
  /// Nothing where no leafs are accepted.
  std::optional<ListenAddress> leafs() const;

 private:
  std::shared_ptr<Listener> monitoring_, leafs_, websocket_, clients_;
};

}  // namespace frond::server
