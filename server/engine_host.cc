#include "server/engine_host.h"

#include "server/host_facts.h"
#include "server/hub_dialer.h"
#include "server/monitoring.h"
#include "server/nkey_signer.h"
#include "server/tcp_connection.h"
#include "server/websocket_connection.h"

#include "base/nuid.h"

#include <unistd.h>

#include <boost/asio/post.hpp>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <type_traits>
#include <utility>

namespace frond::server {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// The engine is asked at least this often, so that a clock that was set is noticed.
constexpr auto kTickMax = std::chrono::seconds(1);
constexpr auto kTickMin = std::chrono::microseconds(200);
constexpr auto kStopPatience = std::chrono::seconds(3);
constexpr auto kStopPoll = std::chrono::milliseconds(5);

Instant now() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

std::uint64_t number(ConnectionId id) { return static_cast<std::uint64_t>(id); }

std::string address_text(const ListenAddress& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return (v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

ListenAddress address_of(const Listener& listener) { return {listener.host(), listener.port()}; }

}  // namespace

EngineHost::EngineHost(Settings settings, std::string program, std::function<Settings()> reread)
    : settings_(std::move(settings)),
      program_(std::move(program)),
      reread_(std::move(reread)),
      log_(settings_.log_file, settings_.log_time, settings_.debug, settings_.trace),
      started_(std::chrono::system_clock::now()),
      signals_(loop_),
      timer_(loop_),
      watch_(loop_),
      stop_timer_(loop_) {
  Config& config = settings_.engine;
  if (config.name.empty()) {
    config.name = base::random_name(entropy_);
  }
  log_.info("Starting frond-server");
  log_.info("  Version:  0.1.0, speaks as nats-server " + config.version);
  log_.info("  Name:     " + config.name);
  for (const std::string& warning : settings_.warnings) {
    log_.warning(warning);
  }
  try {
    listen();
    open_store();
    if (!settings_.hub_nkey_seed.empty()) {
      signer_ = std::make_unique<NkeySigner>(settings_.hub_nkey_seed);
    }
  } catch (const std::runtime_error& error) {
    log_.fatal(error.what());
    throw;
  }
  const StorageReader& files = reader_ ? static_cast<const StorageReader&>(*reader_) : no_files_;
  engine_ =
      std::make_unique<Engine>(config, Host{files, entropy_, signer_.get(), &verifier_}, now());
}

EngineHost::~EngineHost() {
  writer_.reset();  // Its thread must not outlive the loop it posts to.
  connections_.clear();
}

void EngineHost::listen() {
  const auto open = [this](std::shared_ptr<Listener>& listener,
                           const std::optional<ListenAddress>& address) {
    if (address) {
      listener = std::make_shared<Listener>(loop_, *address);
    }
  };
  open(monitoring_, settings_.monitoring);
  open(leafs_, settings_.leafs);
  open(websocket_, settings_.websocket);
  open(clients_, settings_.clients);
  settings_.engine.host = clients_->host();
  settings_.engine.port = clients_->port();
}

void EngineHost::open_store() {
  if (!settings_.engine.jetstream) {
    return;
  }
  std::string root = settings_.store_dir;
  if (root.empty()) {
    root = (std::filesystem::temp_directory_path() / "frond-server").string();
  }
  while (root.size() > 1 && root.back() == '/') {
    root.pop_back();
  }
  // A folder of its own: the same store_dir may have served a nats-server.
  root += "/frond";
  directory_ = std::make_unique<StoreDirectory>(root);
  reader_ = std::make_unique<DirectoryReader>(root);
  const auto done = [this](CommitStorage commit, std::string error) {
    asio::post(loop_, [this, commit = std::move(commit), error = std::move(error)] {
      committed(commit, error);
    });
  };
  const auto force_failed = [this](std::string error) {
    asio::post(loop_, [this, error = std::move(error)] { log_.error(error); });
  };
  writer_ = std::make_unique<CommitWriter>(root, settings_.sync, done, force_failed);
  log_.info("Starting JetStream");
  log_.info("  Store Directory: \"" + root + "\"" +
            (settings_.sync.always() ? "" : ", forced to the disk by interval only"));
}

void EngineHost::run() {
  start_listening();
  announce();
  wait_for_signal();
  watch_writes();
  schedule_drain();
  loop_.run();
  log_.info("Server Exiting..");
}

void EngineHost::start_listening() {
  if (monitoring_) {
    monitoring_->start([this](tcp::socket socket) {
      serve_monitoring(std::move(socket), [this](std::string_view path, std::string_view query) {
        return page(path, query);
      });
    });
  }
  if (leafs_) {
    leafs_->start([this](tcp::socket s) { accept(std::move(s), ConnectionKind::leaf, false); });
  }
  if (websocket_) {
    websocket_->start(
        [this](tcp::socket s) { accept(std::move(s), ConnectionKind::client, true); });
  }
  clients_->start([this](tcp::socket s) { accept(std::move(s), ConnectionKind::client, false); });
}

void EngineHost::announce() {
  ListenUrls urls;
  if (monitoring_) {
    log_.info("Starting http monitor on " + address_text(address_of(*monitoring_)));
    urls.monitoring = listen_urls("http", address_of(*monitoring_));
  }
  if (leafs_) {
    log_.info("Listening for leafnode connections on " + address_text(address_of(*leafs_)));
    urls.leafnodes = listen_urls("nats", address_of(*leafs_));
  }
  if (websocket_) {
    log_.info("Listening for websocket clients on ws://" + address_text(address_of(*websocket_)));
    urls.websocket = listen_urls("ws", address_of(*websocket_));
  }
  log_.info("Listening for client connections on " + address_text(address_of(*clients_)));
  urls.nats = listen_urls("nats", address_of(*clients_));
  log_.info("Server is ready");
  std::string error;
  ports_file_ = std::make_unique<PortsFile>(settings_.ports_file_dir, program_, urls, error);
  if (!error.empty()) {
    log_.error(error);
  }
  if (!settings_.pid_file.empty() &&
      !(std::ofstream(settings_.pid_file, std::ios::trunc) << ::getpid())) {
    log_.error("Could not write pidfile: " + settings_.pid_file);
  }
}

void EngineHost::wait_for_signal() {
  error_code ignored;
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGHUP}) {
    signals_.add(signal, ignored);
  }
  signals_.async_wait([this](error_code error, int signal) {
    if (!error) {
      on_signal(signal);
    }
  });
}

void EngineHost::on_signal(int signal) {
  if (signal == SIGHUP || signal == SIGUSR1 || signal == SIGUSR2) {
    if (signal != SIGUSR2) {
      log_.reopen();
    }
    if (signal == SIGHUP) {
      reload();
    }
    if (signal == SIGUSR2) {
      enter_lame_duck();
    }
    signals_.async_wait([this](error_code error, int next) {
      if (!error) {
        on_signal(next);
      }
    });
    return;
  }
  log_.info("Initiating Shutdown...");
  stop();
}

/// SIGHUP: who may connect is taken from the file again. Other settings need a restart.
void EngineHost::reload() {
  try {
    const Settings changed = reread_();
    for (const std::string& warning : changed.warnings) {
      log_.warning(warning);
    }
    engine_->change_access(changed.engine, now());
    schedule_drain();
    log_.info("Reloaded server configuration: users and log file; the rest needs a restart");
  } catch (const std::exception& error) {
    log_.error("Failed to reload server configuration: " + std::string(error.what()));
  }
}

void EngineHost::enter_lame_duck() {
  if (lame_duck_ || stopping_) {
    return;
  }
  log_.info("Entering lame duck mode, stop accepting new clients");
  for (const auto& listener : {clients_, websocket_, leafs_}) {
    if (listener) {
      listener->stop();
    }
  }
  engine_->enter_lame_duck(now());
  schedule_drain();
  lame_duck_.emplace(
      loop_, settings_.lame_duck, [this] { return client_count(); }, [this] { dismiss_one(); },
      [this] {
        if (!stopping_) {
          log_.info("Initiating Shutdown...");
          stop();
        }
      });
}

std::size_t EngineHost::client_count() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      connections_, [](const auto& one) { return one.second.client && !one.second.dismissed; }));
}

void EngineHost::dismiss_one() {
  for (auto& [id, entry] : connections_) {
    if (entry.client && !entry.dismissed) {
      entry.dismissed = true;
      engine_->dismiss(ConnectionId{id}, now());
      return schedule_drain();
    }
  }
}

void EngineHost::stop() {
  stopping_ = true;
  stop_by_ = std::chrono::steady_clock::now() + kStopPatience;
  for (const auto& listener : {clients_, websocket_, leafs_, monitoring_}) {
    if (listener) {
      listener->stop();
    }
  }
  engine_->shutdown(now());
  drain();
  finish_when_idle();
}

/// Ends the loop once everything is committed and the last words have left.
void EngineHost::finish_when_idle() {
  const bool idle = engine_->idle() && commits_in_flight_ == 0 && connections_.empty();
  if (idle || std::chrono::steady_clock::now() >= stop_by_) {
    if (!idle) {
      log_.warning("Shutdown: gave up waiting for connections or the disk");
    }
    loop_.stop();
    return;
  }
  stop_timer_.expires_after(kStopPoll);
  stop_timer_.async_wait([this](error_code error) {
    if (!error) {
      finish_when_idle();
    }
  });
}

void EngineHost::accept(tcp::socket socket, ConnectionKind kind, bool websocket) {
  error_code error;
  const tcp::endpoint peer = socket.remote_endpoint(error);
  if (error) {
    return;
  }
  ConnectionInfo info;
  info.kind = kind;
  info.websocket = websocket;
  asio::ip::address from = peer.address();
  if (from.is_v6() && from.to_v6().is_v4_mapped()) {
    from = asio::ip::make_address_v4(asio::ip::v4_mapped, from.to_v6());
  }
  info.address = from.to_string();
  const ConnectionId id{++next_id_};
  connections_[number(id)].client = kind == ConnectionKind::client;
  std::shared_ptr<Connection> connection;
  if (websocket) {
    connection = accept_websocket(id, std::move(info), std::move(socket),
                                  {settings_.websocket_compression}, *this);
  } else {
    connection = std::make_shared<TcpConnection>(id, std::move(info), std::move(socket), *this);
  }
  connections_[number(id)].connection = connection;
  connection->start();
}

void EngineHost::on_open(Connection& connection, const ConnectionInfo& info) {
  connections_[number(connection.id())].known = true;
  if (log_.debugging()) {
    log_.debug(info.address + " - cid:" + std::to_string(number(connection.id())) + " - connected");
  }
  engine_->connected(connection.id(), info, now());
  schedule_drain();
}

void EngineHost::on_bytes(Connection& connection, std::string_view bytes) {
  log_.trace("<<-", number(connection.id()), bytes);
  const auto found = connections_.find(number(connection.id()));
  if (found != connections_.end() && found->second.known) {
    engine_->received(connection.id(), bytes, now());
    schedule_drain();
  }
}

void EngineHost::on_sent(Connection& connection, std::uint64_t bytes) {
  const auto found = connections_.find(number(connection.id()));
  if (found != connections_.end() && found->second.known) {
    engine_->sent(connection.id(), bytes, now());
    schedule_drain();
  }
}

void EngineHost::on_closed(Connection& connection, std::string_view cause) {
  const auto found = connections_.find(number(connection.id()));
  if (found == connections_.end()) {
    return;
  }
  if (log_.debugging()) {
    log_.debug("cid:" + std::to_string(number(connection.id())) +
               " - connection closed: " + std::string(cause));
  }
  const bool known = found->second.known;
  const bool dialled = dialling_.erase(number(connection.id())) > 0;
  connections_.erase(found);
  if (known || dialled) {
    engine_->closed(connection.id(), cause, now());
    schedule_drain();
  }
}

void EngineHost::schedule_drain() {
  if (!drain_scheduled_) {
    drain_scheduled_ = true;
    asio::post(loop_, [this] { drain(); });
  }
}

void EngineHost::drain() {
  drain_scheduled_ = false;
  while (!engine_->outbox().empty()) {
    for (Output& output : engine_->outbox().take()) {
      carry_out(output);
    }
    for (const std::uint64_t id : std::exchange(touched_, {})) {
      const auto found = connections_.find(id);
      if (found != connections_.end()) {
        found->second.touched = false;
        const auto keep = found->second.connection;
        keep->flush();
      }
    }
  }
  arm_timer();
}

void EngineHost::carry_out(Output& output) {
  std::visit(
      [this](auto& value) {
        using Kind = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<Kind, SendBytes>) {
          const auto found = connections_.find(number(value.connection));
          if (found == connections_.end()) {
            return;
          }
          log_.trace("->>", number(value.connection), value.bytes);
          if (!std::exchange(found->second.touched, true)) {
            touched_.push_back(number(value.connection));
          }
          found->second.connection->send(std::move(value.bytes));
        } else if constexpr (std::is_same_v<Kind, CloseConnection>) {
          dialling_.erase(number(value.connection));
          const auto found = connections_.find(number(value.connection));
          if (found != connections_.end()) {
            found->second.known = false;
            const auto keep = found->second.connection;
            keep->finish(value.reason);
          }
        } else if constexpr (std::is_same_v<Kind, DialHub>) {
          dial(value);
        } else if constexpr (std::is_same_v<Kind, CommitStorage>) {
          commit(std::move(value));
        } else {
          notice(value);
        }
      },
      output);
}

void EngineHost::commit(CommitStorage commit) {
  ++commits_in_flight_;
  if (!writer_) {
    asio::post(loop_, [this, commit = std::move(commit)] {
      committed(commit, commit.operations.empty() ? "" : "this server has no store directory");
    });
    return;
  }
  writer_->submit(std::move(commit));
}

void EngineHost::committed(const CommitStorage& commit, const std::string& error) {
  --commits_in_flight_;
  if (reader_) {
    for (const FileOperation& operation : commit.operations) {
      if (!std::holds_alternative<AppendFile>(operation) || !error.empty()) {
        reader_->forget(std::visit([](const auto& one) { return one.path; }, operation));
      }
    }
  }
  if (!error.empty()) {
    log_.error("Commit failed: " + error);
  }
  engine_->stored(commit.ticket, error, now());
  schedule_drain();
}

void EngineHost::dial(const DialHub& dial) {
  const std::uint64_t id = number(dial.connection);
  dialling_.insert(id);
  log_.debug("Trying to connect as leafnode to " + dial.url);
  dial_hub(
      loop_, dial.connection, dial.url, *this,
      [this, id](std::shared_ptr<Connection> connection) {
        // The engine may have given up (a timeout, a pause) while the dial was under way.
        if (dialling_.contains(id)) {
          connections_[id].connection = connection;
          connection->start();
        }
      },
      [this, id, url = dial.url](const std::string& cause) {
        if (dialling_.erase(id) > 0) {
          log_.error("Error trying to connect as leafnode to " + url + ": " + cause);
          engine_->closed(ConnectionId{id}, cause, now());
          schedule_drain();
        }
      });
}

void EngineHost::notice(const Notice& notice) {
  switch (notice.kind) {
    case NoticeKind::storage_failed:
    case NoticeKind::block_quarantined:
      log_.error(notice.text);
      break;
    case NoticeKind::link_state:
    case NoticeKind::log:
      log_.info(notice.text);
      break;
  }
}

void EngineHost::arm_timer() {
  const Instant at = now();
  const Instant deadline = std::min(engine_->next_deadline(), at + kTickMax);
  if (armed_for_ && *armed_for_ <= deadline) {
    return;  // It fires early enough; setting a timer anew costs a system call.
  }
  armed_for_ = deadline;
  timer_.expires_after(std::max<Duration>(deadline - at, kTickMin));
  timer_.async_wait([this](error_code error) {
    if (!error) {
      armed_for_.reset();
      engine_->tick(now());
      drain();
    }
  });
}

/// Cuts connections that have taken nothing for write_deadline (CP-17).
void EngineHost::watch_writes() {
  watch_.expires_after(std::chrono::seconds(1));
  watch_.async_wait([this](error_code error) {
    if (error) {
      return;
    }
    const auto limit =
        std::chrono::duration_cast<std::chrono::seconds>(settings_.write_deadline).count();
    std::vector<std::shared_ptr<Connection>> slow;
    for (auto& [id, entry] : connections_) {
      entry.stalled_seconds = entry.connection->stalled() ? entry.stalled_seconds + 1 : 0;
      if (limit > 0 && entry.stalled_seconds > limit) {
        slow.push_back(entry.connection);
      }
    }
    for (const auto& connection : slow) {
      log_.info("cid:" + std::to_string(number(connection->id())) +
                " - Slow Consumer Detected: WriteDeadline exceeded");
      connection->abort("Slow Consumer (Write Deadline)");
    }
    watch_writes();
  });
}

std::string EngineHost::page(std::string_view path, std::string_view query) {
  std::string json = engine_->monitoring_json(path, query, now());
  if (path == "/varz" && !json.empty()) {
    return with_host_facts(json, started_, monitoring_->port());
  }
  return json;
}

}  // namespace frond::server
