#include "engine/link_bridge.h"

#include <memory>

namespace frond::engine {

sync::InboxId LinkBridge::open(sync::Peer peer, std::string_view subject,
                               sync::InboxHandler& handler) {
  // The subscription's id names the inbox too; the handler learns it by the closure below, which
  // is made before the id is known.
  auto inbox = std::make_shared<sync::InboxId>();
  const route::SubscriptionId id = endpoint_.listen_alone(
      subject,
      [this, peer, inbox, &handler](const base::Message& message, std::string_view target) {
        if (came_from(peer)) handler.on_inbox(*inbox, target, message, now_);
      });
  *inbox = static_cast<sync::InboxId>(id);
  return *inbox;
}

/// The engine itself publishes without a sink.
bool LinkBridge::came_from(sync::Peer peer) const {
  const route::Sink* publisher = router_.publisher();
  if (peer == sync::Peer::self || publisher == nullptr) {
    return peer == sync::Peer::self && publisher == nullptr;
  }
  return publisher->kind() ==
         (peer == sync::Peer::app ? route::SinkKind::client : route::SinkKind::hub);
}

void LinkBridge::send_to_self(std::string_view target, const base::Message& message) {
  router_.deliver_to(services_, target, message);
}

void LinkBridge::close(sync::InboxId inbox) {
  endpoint_.stop(static_cast<route::SubscriptionId>(inbox));
}

sync::HubSend LinkBridge::send_to_hub(std::string_view target, const base::Message& message) {
  switch (hub_->send_direct(target, message)) {
    case leaf::DirectSend::sent:
      return sync::HubSend::sent;
    case leaf::DirectSend::offline:
      return sync::HubSend::offline;
    case leaf::DirectSend::no_interest:
      return sync::HubSend::no_interest;
    case leaf::DirectSend::denied:
      return sync::HubSend::denied;
  }
  return sync::HubSend::offline;
}

bool LinkBridge::publish_stays(std::string_view subject) const {
  return syncs_ != nullptr && syncs_->crossings().publish_stays(subject);
}

bool LinkBridge::interest_stays(std::string_view subject) const {
  return syncs_ != nullptr && syncs_->crossings().interest_stays(subject);
}

void LinkBridge::on_link(const leaf::LinkStatus& status, Instant now) {
  outbox_.push(Notice{NoticeKind::link_state, leaf::link_status_json(status, clock_)});
  if (syncs_ == nullptr) return;
  if (status.state == leaf::LinkState::online) {
    syncs_->up(now);
  } else {
    syncs_->down(now);
  }
}

}  // namespace frond::engine
