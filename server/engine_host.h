#pragma once
// The native host: one loop on one thread that feeds the engine what sockets, disk and clock bring
// and carries its outputs out. Outputs are drained once per round of the loop, so that what many
// reads caused leaves in few writes. Commits run on CommitWriter's thread. Made and run by main.

#include "server/commit_writer.h"
#include "server/connection.h"
#include "server/directory_reader.h"
#include "server/lame_duck.h"
#include "server/listener.h"
#include "server/log.h"
#include "server/nkey_verifier.h"
#include "server/ports_file.h"
#include "server/settings.h"
#include "server/store_directory.h"
#include "server/system_entropy.h"

#include <frond/engine.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace frond::server {

class EngineHost : public ConnectionEvents {
 public:
  /// Opens listeners, directory and engine. Throws ListenError, StoreError or NkeyError.
  /// `program` is argv[0], for the ports file.
  /// `reread` reads flags and configuration file again, for SIGHUP; it may throw.
  EngineHost(Settings settings, std::string program, std::function<Settings()> reread);
  ~EngineHost() override;

  /// Serves until a signal ends it.
  void run();

 private:
  /// A connection and what the host knows about it.
  struct Entry {
    std::shared_ptr<Connection> connection;
    bool known = false;  ///< The engine has heard of it and not closed it.
    bool client = false;
    bool dismissed = false;
    bool touched = false;  ///< Has bytes to flush in this round.
    int stalled_seconds = 0;
  };

  void on_open(Connection& connection, const ConnectionInfo& info) override;
  void on_bytes(Connection& connection, std::string_view bytes) override;
  void on_sent(Connection& connection, std::uint64_t bytes) override;
  void on_closed(Connection& connection, std::string_view cause) override;

  void listen();
  void start_listening();
  void open_store();
  void announce();
  void wait_for_signal();
  void on_signal(int signal);
  void reload();
  void enter_lame_duck();
  std::size_t client_count() const;
  void dismiss_one();
  void stop();
  void finish_when_idle();

  void schedule_drain();
  void drain();
  void carry_out(Output& output);
  void commit(CommitStorage commit);
  void committed(const CommitStorage& commit, const std::string& error);
  void dial(const DialHub& dial);
  void notice(const Notice& notice);
  void arm_timer();
  void watch_writes();
  void accept(boost::asio::ip::tcp::socket socket, ConnectionKind kind, bool websocket);
  std::string page(std::string_view path, std::string_view query);

  Settings settings_;
  std::string program_;
  std::function<Settings()> reread_;
  Log log_;
  std::chrono::system_clock::time_point started_;
  boost::asio::io_context loop_{1};
  boost::asio::signal_set signals_;
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer watch_;
  boost::asio::steady_timer stop_timer_;
  std::optional<LameDuck> lame_duck_;
  std::shared_ptr<Listener> clients_, websocket_, leafs_, monitoring_;
  std::unique_ptr<PortsFile> ports_file_;
  SystemEntropy entropy_;
  std::unique_ptr<Signer> signer_;
  NkeyVerifier verifier_;
  std::unique_ptr<StoreDirectory> directory_;
  std::unique_ptr<DirectoryReader> reader_;
  NoFiles no_files_;
  std::unique_ptr<Engine> engine_;
  std::unordered_map<std::uint64_t, Entry> connections_;
  std::unordered_set<std::uint64_t> dialling_;
  std::vector<std::uint64_t> touched_;
  std::uint64_t next_id_ = 0;
  std::optional<Instant> armed_for_;
  std::uint64_t commits_in_flight_ = 0;
  bool drain_scheduled_ = false;
  bool stopping_ = false;
  std::chrono::steady_clock::time_point stop_by_;
  std::unique_ptr<CommitWriter> writer_;  // Last: its thread posts to what stands above.
};

}  // namespace frond::server
