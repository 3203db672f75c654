#pragma once
// The link to our hub, for the whole life of the node: dials, shakes hands, keeps the link alive,
// finds half-open sockets and comes back after every loss (leafnode-protocol 3, LF-01 to LF-05). A
// state machine over the host's inputs; once online it is a LeafSession. One per engine.

#include "leaf/backoff.h"
#include "leaf/handshake.h"
#include "leaf/keep_alive.h"
#include "leaf/leaf_session.h"
#include "leaf/link_cause.h"
#include "leaf/link_rights.h"
#include "leaf/link_status.h"
#include "route/connection_output.h"
#include "wire/parser.h"

#include <frond/config.h>
#include <frond/host.h>
#include <frond/output.h>
#include <frond/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace frond::leaf {

class HubLink {
 public:
  /// All references must outlive the link. Without config.hub the state stays `none`. `next_id`
  /// gives a fresh connection id for each dial; `loop_guard` is the node's (see leaf_session.h).
  HubLink(const Config& config, route::Router& router, InterestTable& interest, Entropy& entropy,
          const Signer* signer, Outbox& outbox, std::function<ConnectionId()> next_id,
          std::string_view loop_guard, const base::Clock& clock, Instant now);
  HubLink(const HubLink&) = delete;
  HubLink& operator=(const HubLink&) = delete;

  void set_listener(LinkListener* listener) { listener_ = listener; }
  void set_synced(const SyncedSubjects* synced) { session_.set_synced(synced); }

  /// True when this connection is (or was just) dialled by the link: its inputs come here.
  bool owns(ConnectionId connection) const;
  void connected(ConnectionId connection, Instant now);
  void received(ConnectionId connection, std::string_view bytes, Instant now);
  void closed(ConnectionId connection, std::string_view cause, Instant now);
  void tick(Instant now);
  void network_hint(bool online, Instant now);
  /// Asks an online hub for a sign of life; silence ends the link. Needless for requests, which are
  /// watched anyway: for who has waited for something else.
  void probe(Instant now);
  /// When the hub's bytes last came.
  Instant last_heard() const { return last_heard_; }
  /// Nothing is read from the hub for a while, or again. Meanwhile it cannot be found dead.
  void hold(bool hold, Instant now);
  /// When answers of the hub have been read, if they have come; kNever while it is held. Nobody
  /// gives up waiting for one before.
  Instant caught_up_at() const { return caught_up_at_; }
  bool behind(Instant now) const { return now < caught_up_at_; }
  void pause(Instant now);
  void resume(Instant now);
  /// The configuration names another hub, or the same one with other credentials. Those are for the
  /// next dial, which comes at once where there is no link.
  void hub_changed(bool elsewhere, Instant now);
  /// The host has written this many bytes. True when there is room for more again.
  bool sent(ConnectionId connection, std::uint64_t bytes, Instant now);
  bool has_room() const { return output_.has_room(); }
  /// Hands the bytes gathered since the last call to the outbox; at the end of every input. A hub
  /// that reads too slowly is lost here, and dialled again as after any loss. False when there was
  /// nothing.
  bool flush(Instant now);

  Instant next_deadline() const;
  const LinkStatus& status() const { return status_; }
  bool online() const { return status().state == LinkState::online; }
  /// Publishes at the hub only (see LeafSession::send_direct); `offline` when not online.
  DirectSend send_direct(std::string_view target, const base::Message& message) {
    return phase_ == Phase::online ? session_.send_direct(target, message) : DirectSend::offline;
  }
  const LeafTraffic& traffic() const { return session_.traffic(); }

 private:
  enum class Phase : std::uint8_t {
    none,        // No connection.
    dialling,    // DialHub is out.
    await_info,  // Open; the hub speaks first.
    await_pong,  // CONNECT and PING are out.
    online,
  };

  void blame(std::string_view code, std::string text);
  void set_state(LinkState state, Instant now);
  void begin_anew(Instant now);
  LinkStage stage() const;
  void dial_if_due(Instant now);
  void dial_now(Instant now);
  /// The connection is over, whoever ended it; plans the next try.
  void lost(std::string_view said, LinkStage ended, Instant now);
  void cut(std::string cause, Instant now);

  void command(const wire::Command& command, Instant now);
  void info(std::string_view text, Instant now);
  void greet(const HubInfo& hub, Instant now);
  void begin(const HubInfo& hub);
  void pong(Instant now);
  void error(std::string_view text, Instant now);

  const Config& config_;
  const Signer* signer_;
  Outbox& outbox_;
  const base::Clock& clock_;
  std::function<ConnectionId()> next_id_;
  LinkListener* listener_ = nullptr;
  Backoff backoff_;
  LinkRights rights_;
  route::DirtyList dirty_;
  route::ConnectionOutput output_;
  LeafSession session_;
  LinkStatus status_;
  Phase phase_ = Phase::none;
  ConnectionId connection_{};
  std::optional<wire::Parser> parser_;
  std::string peer_error_;  // The last -ERR: the cause of the close that follows.
  Instant dial_at_ = kNever;
  Instant dialled_at_{};
  Instant give_up_at_ = kNever;  // While dialling and shaking hands.
  Duration patience_ = base::link_patience_min;
  Duration proved_patience_ = base::link_patience_min;  // By the last dial that succeeded.
  Instant opened_at_{};
  Instant greeted_at_{};
  KeepAlive keep_alive_;  // While online.
  bool asked_ = false;    // In this input something has left that wants an answer.
  Instant last_heard_{};
  Instant caught_up_at_{};
};

}  // namespace frond::leaf
