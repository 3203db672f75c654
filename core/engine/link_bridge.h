#pragma once
// Joins sync to the leaf link: sync's inboxes become interest of the node, its publishes go to the
// hub alone, the link's ups and downs start and stop it, and the link learns which subjects sync
// carries so that nothing crosses twice (design section 6). One per engine.

#include "engine/endpoint.h"
#include "leaf/hub_link.h"
#include "sync/sync_link.h"
#include "sync/syncs.h"

#include <frond/output.h>
#include <frond/types.h>

#include <unordered_map>

namespace frond::engine {

class LinkBridge final : public sync::SyncLink,
                         public leaf::SyncedSubjects,
                         public leaf::LinkListener {
 public:
  /// Inboxes are heard on `endpoint`; `services` is where this node's own JetStream is asked.
  LinkBridge(route::Router& router, Endpoint& endpoint, const Endpoint& services, Outbox& outbox,
             const base::Clock& clock, const Instant& now)
      : router_(router),
        endpoint_(endpoint),
        services_(services),
        outbox_(outbox),
        clock_(clock),
        now_(now) {}
  /// Both are made after the bridge and destroyed before it.
  void join(leaf::HubLink& hub, sync::Syncs& syncs) {
    hub_ = &hub;
    syncs_ = &syncs;
  }

  // sync::SyncLink.
  sync::InboxId open(sync::Peer peer, std::string_view subject,
                     sync::InboxHandler& handler) override;
  void close(sync::InboxId inbox) override;
  sync::HubSend send_to_hub(std::string_view target, const base::Message& message) override;
  bool has_room() const override { return hub_->has_room(); }
  void send_to_self(std::string_view target, const base::Message& message) override;
  void probe(Instant now) override { hub_->probe(now); }
  Instant last_heard() const override { return hub_->last_heard(); }
  std::string_view hub_id() const override { return hub_->status().hub_id; }

  // leaf::SyncedSubjects.
  bool publish_stays(std::string_view subject) const override;
  bool interest_stays(std::string_view subject) const override;

  // leaf::LinkListener.
  void on_link(const leaf::LinkStatus& status, Instant now) override;

 private:
  bool came_from(sync::Peer peer) const;

  route::Router& router_;
  Endpoint& endpoint_;
  const Endpoint& services_;
  Outbox& outbox_;
  const base::Clock& clock_;
  const Instant& now_;
  leaf::HubLink* hub_ = nullptr;
  sync::Syncs* syncs_ = nullptr;
};

}  // namespace frond::engine
