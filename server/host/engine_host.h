#pragma once
// The native host: one loop on one thread that feeds the engine what sockets, disk and clock bring
// and carries its outputs out. Outputs are drained once per round of the loop, so that what many
// reads caused leaves in few writes. Its parts: listeners, connection_table, node_store,
// process_signals, write_watch. Made and run by main.

#include "server/access/nkey_verifier.h"
#include "server/access/secret_checker.h"
#include "server/conf/settings.h"
#include "server/disk/node_store.h"
#include "server/host/lame_duck.h"
#include "server/host/log.h"
#include "server/host/ports_file.h"
#include "server/host/process_signals.h"
#include "server/host/protocol_trace.h"
#include "server/host/system_entropy.h"
#include "server/net/connection.h"
#include "server/net/connection_table.h"
#include "server/net/listeners.h"
#include "server/net/write_watch.h"

#include <frond/engine.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace frond::server {

class EngineHost : public ConnectionEvents {
 public:
  /// Opens listeners, directory and engine. Throws ListenError, StoreError or NkeyError.
  /// `program` is argv[0], for the ports file.
  /// `reread` reads flags and configuration file again, for SIGHUP; it may throw.
  EngineHost(Settings settings, std::string program, std::function<Settings()> reread);
  ~EngineHost() override;

  /// Serves until a signal ends it. Throws StoreError when it ends because its store is gone.
  void run();

 private:
  void on_open(Connection& connection, const ConnectionInfo& info) override;
  void on_bytes(Connection& connection, std::string_view bytes) override;
  void on_sent(Connection& connection, std::uint64_t bytes) override;
  void on_closed(Connection& connection, std::string_view cause) override;

  void announce();
  ProcessSignals::Handlers signal_handlers();
  void reload();
  void enter_lame_duck();
  void stop();
  void end_without_store();
  void finish_when_idle();

  void schedule_drain();
  void drain();
  void carry_out(Output& output);
  void dial(const DialHub& dial);
  void notice(const Notice& notice);
  void arm_timer();
  void accept(boost::asio::ip::tcp::socket socket, ConnectionInfo info);
  std::string page(std::string_view path, std::string_view query);

  Settings settings_;
  std::string program_;
  std::function<Settings()> reread_;
  Log log_;
  Instant started_;
  boost::asio::io_context loop_{1};
  ProcessSignals signals_;
  std::optional<LameDuck> lame_duck_;
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer stop_timer_;
  std::unique_ptr<Listeners> listeners_;
  std::unique_ptr<PortsFile> ports_file_;
  SystemEntropy entropy_;
  std::unique_ptr<Signer> signer_;
  NkeyVerifier verifier_;
  NodeStore store_;
  std::unique_ptr<Engine> engine_;
  ConnectionTable connections_;
  ProtocolTrace trace_;
  SecretChecker secrets_;
  WriteWatch write_watch_;
  std::optional<Instant> armed_for_;
  bool drain_scheduled_ = false;
  std::chrono::steady_clock::time_point stop_by_;
};

}  // namespace frond::server
