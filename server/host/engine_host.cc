#include "server/host/engine_host.h"

#include "server/access/nkey_signer.h"
#include "server/disk/text_file.h"
#include "server/host/host_clock.h"
#include "server/host/host_facts.h"
#include "server/net/hub_dialer.h"
#include "server/net/tcp_connection.h"
#include "server/net/websocket_connection.h"

#include "base/nuid.h"

#include <unistd.h>

#include <boost/asio/post.hpp>

#include <algorithm>
#include <type_traits>
#include <utility>

namespace frond::server {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// The engine is asked at least this often: a timer stands still while the machine is suspended, and
// the wall clock may be set.
constexpr auto kTickMax = std::chrono::seconds(1);
constexpr auto kTickMin = std::chrono::microseconds(200);

std::uint64_t number(ConnectionId id) { return static_cast<std::uint64_t>(id); }

}  // namespace

EngineHost::EngineHost(Settings settings, std::string program, std::function<Settings()> reread)
    : settings_(std::move(settings)),
      program_(std::move(program)),
      reread_(std::move(reread)),
      log_(settings_.log_file, settings_.log_time, settings_.debug, settings_.trace),
      started_(now().monotonic),
      signals_(loop_, log_, signal_handlers()),
      timer_(loop_),
      stop_timer_(loop_),
      store_(loop_, log_,
             [this](Ticket ticket, const std::string& error) {
               engine_->stored(ticket, error, now());
               schedule_drain();
               if (!store_.lost().empty()) {
                 end_without_store();
               }
             }),
      trace_(log_),
      secrets_([this](ConnectionId connection, bool matches) {
        asio::post(loop_, [this, connection, matches] {
          engine_->secret_checked(connection, matches, now());
          schedule_drain();
        });
      }),
      write_watch_(loop_, connections_, settings_.write_deadline, log_) {
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
    listeners_ = std::make_unique<Listeners>(loop_, log_, settings_);
    config.host = listeners_->clients().host();
    config.port = listeners_->clients().port();
    if (config.jetstream) {
      store_.open(settings_);
    }
    if (!settings_.hub_nkey_seed.empty()) {
      signer_ = std::make_unique<NkeySigner>(settings_.hub_nkey_seed);
    }
    engine_ = std::make_unique<Engine>(
        config, Host{store_.reader(), entropy_, signer_.get(), &verifier_, true}, now());
    store_.check_recovered(engine_->refusal());
  } catch (const std::runtime_error& error) {
    log_.fatal(error.what());
    throw;
  }
}

EngineHost::~EngineHost() {
  store_.close();
  connections_.clear();
}

void EngineHost::run() {
  listeners_->start(
      [this](tcp::socket socket, ConnectionInfo info) {
        accept(std::move(socket), std::move(info));
      },
      [this](std::string_view path, std::string_view query) { return page(path, query); });
  announce();
  signals_.start();
  write_watch_.start();
  schedule_drain();
  loop_.run();
  log_.info("Server Exiting..");
  if (!store_.lost().empty()) {
    throw StoreError(store_.lost());
  }
}

void EngineHost::announce() {
  const ListenUrls urls = listeners_->announce(log_);
  log_.info("Server is ready");
  std::string error;
  ports_file_ = std::make_unique<PortsFile>(settings_.ports_file_dir, program_, urls, error);
  if (!error.empty()) {
    log_.error(error);
  }
  if (!settings_.pid_file.empty()) {
    error = write_text_file(settings_.pid_file, std::to_string(::getpid()));
    if (!error.empty()) {
      log_.error("Could not write pidfile: " + error);
    }
  }
}

void EngineHost::accept(tcp::socket socket, ConnectionInfo info) {
  const ConnectionId id = connections_.next_id();
  std::shared_ptr<Connection> connection;
  if (info.websocket) {
    connection =
        accept_websocket(id, std::move(info), std::move(socket),
                         {settings_.websocket_compression, settings_.leafs.has_value()}, *this);
  } else {
    connection = std::make_shared<TcpConnection>(id, std::move(info), std::move(socket), *this);
  }
  connections_.add(connection);
  connection->start();
}

void EngineHost::on_open(Connection& connection, const ConnectionInfo& info) {
  connections_.set_known(connection.id());
  if (log_.debugging()) {
    log_.debug(info.address + " - cid:" + std::to_string(number(connection.id())) + " - connected");
  }
  engine_->connected(connection.id(), info, now());
  schedule_drain();
}

void EngineHost::on_bytes(Connection& connection, std::string_view bytes) {
  if (log_.tracing()) {
    trace_.say(ProtocolTrace::Direction::in, number(connection.id()), bytes);
  }
  if (connections_.known(connection.id())) {
    engine_->received(connection.id(), bytes, now());
    schedule_drain();
  }
}

void EngineHost::on_sent(Connection& connection, std::uint64_t bytes) {
  if (connections_.known(connection.id())) {
    engine_->sent(connection.id(), bytes, now());
    schedule_drain();
  }
}

void EngineHost::on_closed(Connection& connection, std::string_view cause) {
  const std::optional<bool> awaited = connections_.remove(connection.id());
  trace_.forget(number(connection.id()));
  if (!awaited) {
    return;
  }
  if (log_.debugging()) {
    log_.debug("cid:" + std::to_string(number(connection.id())) +
               " - connection closed: " + std::string(cause));
  }
  if (*awaited) {
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
    connections_.flush();
  }
  arm_timer();
}

void EngineHost::carry_out(Output& output) {
  std::visit(
      [this](auto& value) {
        using Kind = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<Kind, SendBytes>) {
          if (Connection* connection = connections_.to_send(value.connection)) {
            if (log_.tracing()) {
              trace_.say(ProtocolTrace::Direction::out, number(value.connection), value.bytes);
            }
            connection->send(std::move(value.bytes));
          }
        } else if constexpr (std::is_same_v<Kind, CloseConnection>) {
          connections_.finish(value.connection, value.reason);
        } else if constexpr (std::is_same_v<Kind, DialHub>) {
          dial(value);
        } else if constexpr (std::is_same_v<Kind, CommitStorage>) {
          store_.commit(std::move(value));
        } else if constexpr (std::is_same_v<Kind, HoldReading>) {
          connections_.hold(value.connection, value.hold);
        } else if constexpr (std::is_same_v<Kind, CheckSecret>) {
          secrets_.check(std::move(value));
        } else {
          notice(value);
        }
      },
      output);
}

void EngineHost::dial(const DialHub& dial) {
  const ConnectionId id = dial.connection;
  connections_.dial_began(id);
  log_.debug("Trying to connect as leafnode to " + dial.url);
  dial_hub(
      loop_, id, dial.url, *this,
      [this, id](std::shared_ptr<Connection> connection) {
        // The engine may have given up (a timeout, a pause) while the dial was under way.
        if (connections_.dialling(id)) {
          connections_.add(connection);
          connection->start();
        }
      },
      [this, id, url = dial.url](const std::string& cause) {
        if (connections_.dial_ended(id)) {
          log_.error("Error trying to connect as leafnode to " + url + ": " + cause);
          engine_->closed(id, cause, now());
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
  const Instant at = now().monotonic;
  const Instant deadline = std::min(engine_->next_deadline(), at + kTickMax);
  if (armed_for_ && *armed_for_ <= deadline) {
    return;  // It fires early enough; setting a timer anew costs a system call.
  }
  armed_for_ = deadline;
  timer_.expires_after(std::max<Duration>(deadline - at, kTickMin));
  timer_.async_wait([this](error_code error) {
    if (!error) {
      armed_for_.reset();
      log_.tell_repeated();
      engine_->tick(now());
      drain();
    }
  });
}

std::string EngineHost::page(std::string_view path, std::string_view query) {
  std::string json = engine_->monitoring_json(path, query, now());
  if (path == "/varz" && !json.empty()) {
    return with_host_facts(json, now().monotonic - started_,
                           {listeners_->monitoring().port(), listeners_->leafs()});
  }
  return json;
}

}  // namespace frond::server
