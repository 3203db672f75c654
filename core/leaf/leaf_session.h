#pragma once
// What both ends of a leaf link do once they know each other: announce this node's interest (LS+,
// LS-), turn the other side's interest into subscriptions of the router, and carry messages both
// ways (LMSG, HMSG) under the link's rights. hub_link (we joined) and accepted_leaf (they joined)
// each own one per connection; it is a sink of the router from begin() to end().
//
// What the engine wiring must do for it:
//  - make one InterestTable, register it with Router::set_interest_listener before anything
//    subscribes, and hand it to the links;
//  - to be reachable as a JetStream domain, subscribe domain_api_subjects(domain) (link_rights.h)
//  as
//    internal subscriptions and map `$JS.<domain>.API.X` to `$JS.API.X` there; the session only
//    announces them. `$JS.API.>`, `$KV.>`, `$OBJ.>`, `$O.>`, `$SYS.>` and `$FROND.>` are never
//    announced and never leave;
//  - subscribe acknowledgements per consumer (`$JS.ACK.<stream>.<consumer>.>`), not `$JS.ACK.>`:
//    what is subscribed is announced, and the hub would send every acknowledgement of the account;
//  - call flush() of the links at the end of every input. The host must cut SendBytes to pieces of
//    at most limits' link_frame_bytes_max per WebSocket message: a hub with permessage-deflate
//    closes on larger ones (leafnode-protocol 2.3).

#include "base/message.h"
#include "leaf/interest_table.h"
#include "leaf/link_rights.h"
#include "route/connection_output.h"
#include "route/router.h"
#include "route/sink.h"
#include "subject/trie.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace frond::leaf {

/// The subjects that sync carries over the link itself (design section 6, "one way across the
/// link"). The engine implements it over sync::Syncs.
class SyncedSubjects {
 public:
  virtual ~SyncedSubjects() = default;
  /// Sync takes messages on this literal subject to the hub: the raw publish stays here.
  virtual bool publish_stays(std::string_view subject) const = 0;
  /// This (possibly wildcard) subject is one that a stream captures which sync carries: its own
  /// internal interest is not announced.
  virtual bool interest_stays(std::string_view subject) const = 0;
};

/// What became of send_direct.
enum class DirectSend : std::uint8_t { sent, offline, no_interest, denied };

struct LeafTraffic {
  std::uint64_t in_messages = 0, out_messages = 0, in_bytes = 0, out_bytes = 0;
};

class LeafSession final : public route::Sink, public InterestTable::Observer {
 public:
  /// `kind` is SinkKind::hub for the link we dialled, SinkKind::leaf for one that joined us.
  /// `loop_guard` is the node's own "$LDS.<22 characters>". `output` is the
  /// owner's, who sends what gathers there.
  LeafSession(route::SinkKind kind, route::Router& router, InterestTable& interest,
              LinkRights& rights, std::string_view loop_guard, route::ConnectionOutput& output);
  ~LeafSession() override;
  LeafSession(const LeafSession&) = delete;
  LeafSession& operator=(const LeafSession&) = delete;

  /// Called with the reply subject of every message that has left with one.
  void set_request_listener(std::function<void(std::string_view)> listener) {
    request_listener_ = std::move(listener);
  }
  /// Hub links only; null means nothing is synced.
  void set_synced(const SyncedSubjects* synced) { synced_ = synced; }
  /// What the other side said about itself.
  void set_peer(bool headers, std::size_t payload_bytes_max);

  /// Announces everything and takes messages from now on.
  void begin();
  /// The link is gone: forgets the other side's interest at once (leafnode-protocol 4).
  void end();
  bool active() const { return active_; }

  // From the other side. subscribe() is false when it announced our own loop guard.
  [[nodiscard]] bool subscribe(std::string_view subject, std::string_view queue,
                               std::uint32_t weight);
  void unsubscribe(std::string_view subject, std::string_view queue);
  void message(const base::Message& received, std::span<const std::string_view> queues);

  // route::Sink.
  route::SinkKind kind() const override { return kind_; }
  void deliver(const route::Subscription& subscription, const base::Message& message,
               std::string_view target) override;
  bool forward(const base::Message& message, std::string_view target, bool plain,
               std::span<const std::string_view> queues) override;
  bool has_room() const override { return output_.has_room(); }

  /// Past the synced filter and the JetStream denies: for the forwarder alone. Never reaches local
  /// subscribers, and needs interest of the other side as any message does.
  DirectSend send_direct(std::string_view target, const base::Message& message);

  // InterestTable::Observer.
  void interest_now(std::string_view subject, std::string_view queue,
                    const Weights& weights) override;

  std::size_t peer_interest_count() const { return theirs_.size(); }
  const LeafTraffic& traffic() const { return traffic_; }

 private:
  struct Theirs {
    route::SubscriptionId id{};
    std::uint32_t weight = 1;
  };
  using Key = std::pair<std::string, std::string>;  // Subject, queue.

  /// As a line says it: never more than readers take.
  std::uint32_t weight_for_peer(std::string_view subject, std::string_view queue,
                                const Weights& weights) const;
  bool peer_wants(std::string_view subject) const;
  bool announce(std::string_view subject, std::string_view queue, std::uint32_t weight);
  bool write(std::string_view target, const base::Message& message,
             std::span<const std::string_view> queues);

  route::SinkKind kind_;
  route::Router& router_;
  InterestTable& interest_;
  LinkRights& rights_;
  std::string loop_guard_;
  route::ConnectionOutput& output_;
  const SyncedSubjects* synced_ = nullptr;
  std::function<void(std::string_view)> request_listener_;
  bool active_ = false;
  bool peer_headers_ = true;
  std::size_t payload_bytes_max_ = 1024 * 1024;
  std::map<Key, Theirs> theirs_;
  struct Wanted {};
  subject::Trie<Wanted> wildcards_;         // The plain ones of theirs_ with wildcards.
  std::map<Key, std::uint32_t> announced_;  // With the weight last sent.
  LeafTraffic traffic_;
};

}  // namespace frond::leaf
