#pragma once
// The link to our hub, for the whole life of the node: dials, shakes hands, keeps the link alive,
// finds half-open sockets and comes back after every loss (leafnode-protocol 3, LF-01 to LF-05). A
// state machine over the host's inputs; once online it is a LeafSession. One per engine.

#include "leaf/leaf_session.h"

#include <frond/config.h>
#include <frond/host.h>
#include <frond/output.h>
#include <frond/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace frond::leaf {

enum class LinkState : std::uint8_t {
  none,        ///< No hub is configured.
  offline,     ///< Waiting for the next try.
  connecting,  ///< Dialled, or shaking hands.
  online,      ///< The hub's whole interest is known.
  refused,     ///< The hub does not want us (cause says why); tried again after a longer pause.
  paused,      ///< By the user, until resumed.
};
std::string_view link_state_name(LinkState state);

/// For node.status(): the state, why it is not online, since when, and who the hub is.
struct LinkStatus {
  LinkState state = LinkState::none;
  std::string cause;
  Instant since{};
  std::string hub_name;
  std::string hub_version;
  std::string hub_domain;
};

/// {"state","cause"?,"since","hub"?:{"name","version","domain"?}}: status and
/// NoticeKind::link_state.
std::string link_status_json(const LinkStatus& status);

/// Told when the state changes; sync starts and stops here.
class LinkListener {
 public:
  virtual ~LinkListener() = default;
  virtual void on_link(const LinkStatus& status, Instant now) = 0;
};

class HubLink {
 public:
  /// All references must outlive the link. Without config.hub the state stays `none`. `next_id`
  /// gives a fresh connection id for each dial; `loop_guard` is the node's (see leaf_session.h).
  HubLink(const Config& config, route::Router& router, InterestTable& interest, Entropy& entropy,
          const Signer* signer, Outbox& outbox, std::function<ConnectionId()> next_id,
          std::string_view loop_guard, Instant now);
  ~HubLink();
  HubLink(const HubLink&) = delete;
  HubLink& operator=(const HubLink&) = delete;

  void set_listener(LinkListener* listener);
  void set_synced(const SyncedSubjects* synced);

  /// True when this connection is (or was just) dialled by the link: its inputs come here.
  bool owns(ConnectionId connection) const;
  void connected(ConnectionId connection, Instant now);
  void received(ConnectionId connection, std::string_view bytes, Instant now);
  void closed(ConnectionId connection, std::string_view cause, Instant now);
  void tick(Instant now);
  void network_hint(bool online, Instant now);
  /// Asks an online hub for a sign of life; silence ends the link.
  void probe(Instant now);
  /// When the hub's bytes last came.
  Instant last_heard() const;
  void pause(Instant now);
  void resume(Instant now);
  /// Hands the bytes gathered since the last call to the outbox; at the end of every input.
  void flush();

  Instant next_deadline() const;
  const LinkStatus& status() const;
  bool online() const { return status().state == LinkState::online; }
  /// Publishes at the hub only (see LeafSession::send_direct); `offline` when not online.
  DirectSend send_direct(std::string_view target, const base::Message& message);
  LeafTraffic traffic() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace frond::leaf
