#pragma once
// All that frond-server is told at its start: the engine's options and what is the host's own.
// Made by command_line (flags) over settings_file (the configuration file); read by engine_host.

#include <frond/config.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace frond::server {

/// Where to listen. Port 0 asks the system for a free one (-1 in NATS's files).
struct ListenAddress {
  std::string host = "0.0.0.0";
  std::uint16_t port = 0;
};

/// When what was committed is forced to the disk.
struct SyncPolicy {
  /// Zero: before it is acknowledged. Else as nats-server does: acknowledged at once and forced
  /// every so often, so that a loss of power may cost what was acknowledged since.
  std::chrono::nanoseconds interval{0};
  bool always() const { return interval.count() == 0; }
};

/// Lame duck mode: how long until the first client is closed, and until the last one.
struct LameDuckTimes {
  std::chrono::nanoseconds duration = std::chrono::minutes(2);
  std::chrono::nanoseconds grace = std::chrono::seconds(10);
};

struct Settings {
  Config engine;
  ListenAddress clients{"0.0.0.0", 4222};
  std::optional<ListenAddress> monitoring;  ///< An empty host: the clients'.
  std::optional<ListenAddress> websocket;
  std::optional<ListenAddress> leafs;
  bool websocket_compression = false;
  /// The file's one account has users and no JetStream.
  bool account_without_jetstream = false;
  std::string hub_nkey_seed;  ///< Signs the hub's nonce ("SU..."); empty without.

  std::string store_dir;  ///< Empty: a folder of the system's temporary directory.
  SyncPolicy sync;
  std::chrono::nanoseconds write_deadline = std::chrono::seconds(10);
  LameDuckTimes lame_duck;

  std::string ports_file_dir;
  std::string pid_file;
  std::string log_file;
  bool log_time = true;
  bool debug = false;
  bool trace = false;

  std::string config_file;
  std::vector<std::string> warnings;  ///< About what the file asks and this server ignores.
};

}  // namespace frond::server
