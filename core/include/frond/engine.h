#pragma once
// The node: a state machine without I/O, clock, thread or randomness of its own. A host feeds it
// inputs and carries out the outputs it finds in outbox() after each one; the same inputs give the
// same outputs to the byte. One Engine is one node; it lives from open() until it is destroyed, on
// one thread. engine/wiring joins the layers behind it.

#include <frond/config.h>
#include <frond/host.h>
#include <frond/output.h>
#include <frond/types.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace frond {

namespace engine {
struct Wiring;
}

class Engine {
 public:
  /// Recovers all streams and consumers from host.files and starts to dial the hub when one is
  /// configured. Damaged blocks are quarantined and reported as notices; open never fails.
  Engine(Config config, Host host, Now now);
  ~Engine();
  /// Why it cannot serve this store; empty when it can. To be asked once after it is made: with an
  /// answer it writes nothing, and the host gives it up without carrying out any output.
  std::string refusal() const;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// A client or leaf has connected, or the link dialled under this id is open.
  void connected(ConnectionId connection, const ConnectionInfo& info, Now now);
  /// Bytes from a connection, in order, cut anywhere. `bytes` is read during the call only.
  void received(ConnectionId connection, std::string_view bytes, Now now);
  /// The host has written this many bytes of what SendBytes gave it (CP-17 counts the rest).
  void sent(ConnectionId connection, std::uint64_t bytes, Now now);
  /// The connection is gone, or a dial failed; `cause` is shown in the link's state.
  void closed(ConnectionId connection, std::string_view cause, Now now);
  /// The commit with this ticket is durable (`error` empty) or has failed.
  void stored(Ticket ticket, std::string_view error, Now now);
  /// The answer to CheckSecret; of no effect when the connection has gone.
  void secret_checked(ConnectionId connection, bool matches, Now now);
  /// Time has passed; also to be called at next_deadline().
  void tick(Now now);

  /// The device has become reachable (`online`, `visibilitychange`, `resume`): dial or probe now.
  void network_hint(bool online, Now now);
  /// Cuts the link until resumed; the node goes on alone.
  void pause_link(Now now);
  void resume_link(Now now);
  /// The hub of a node that was opened with one is now there, or has other credentials. Elsewhere
  /// or of another domain: a link is dialled anew. Other credentials: a link stays, and the next
  /// dial uses them, which comes at once when there is no link.
  void change_hub(const HubConfig& hub, Now now);
  /// Who may connect is now as `changed` says (users, leaf users, token, no_auth_user, their times
  /// and how many there may be); the rest of it is ignored. Clients and leafs that may no longer be
  /// here are closed, subscriptions that they may no longer have are ended, as nats-server's reload
  /// does it.
  void change_access(const Config& changed, Now now);
  /// Lame duck mode (CP-19): clients are told to go elsewhere, nothing else changes yet.
  void enter_lame_duck(Now now);
  std::size_t client_count() const;
  /// Ends the oldest client's connection with "Server Shutdown".
  void dismiss_one(Now now);
  /// Clients get 409 Server Shutdown and a close, then everything is committed.
  void shutdown(Now now);

  /// Outputs of all inputs since the last drain.
  Outbox& outbox();
  /// When tick() must be called next at the latest, by the monotonic clock; kNever when nothing
  /// waits.
  Instant next_deadline() const;
  /// True when nothing waits for a commit: used by hosts that want to close cleanly.
  bool idle() const;

  /// {"name","domain","server_id","storage":{..},"link":{..},"streams":n} for node.status().
  std::string status_json() const;
  /// Body of a monitoring page by its path without query ("/varz", "/connz", "/healthz", "/jsz",
  /// "/leafz", "/subsz"); empty when there is none (MO-01). `query` as in the URL, without '?'.
  std::string monitoring_json(std::string_view path, std::string_view query, Now now) const;

 private:
  std::unique_ptr<engine::Wiring> wiring_;
};

}  // namespace frond
