#pragma once
// What is behind Engine: every part of the node, made in the order in which they need each other
// and destroyed in reverse. The one file that knows all layers; it has no rules of its own. Inputs
// come through engine.cc, everything that must happen after each of them is in finish().

#include "api/dispatch.h"
#include "base/clock.h"
#include "consumer/consumers.h"
#include "engine/api_endpoints.h"
#include "engine/connections.h"
#include "engine/consumer_endpoints.h"
#include "engine/endpoint.h"
#include "engine/interest_fan.h"
#include "engine/link_bridge.h"
#include "engine/reading_holds.h"
#include "engine/router_outlet.h"
#include "engine/stream_endpoints.h"
#include "leaf/accepted_leafs.h"
#include "leaf/hub_link.h"
#include "leaf/interest_table.h"
#include "route/router.h"
#include "store/durability_gate.h"
#include "store/journal.h"
#include "stream/streams.h"
#include "sync/dead_letters.h"
#include "sync/syncs.h"

#include <frond/engine.h>

#include <cstdint>
#include <string>

namespace frond::engine {

struct Wiring final : stream::StreamsListener, api::NodeFacts {
  Wiring(Config given, Host lent, Now start);
  ~Wiring() override;

  /// The first thing in each input.
  void advance(Now reading);
  /// Runs what the input made possible and gathers the outputs: deliveries, the next commit, bytes.
  void finish();
  /// Whether anybody here has this connection.
  bool owns(ConnectionId connection) const;
  void hold_reading(ConnectionId connection, bool hold);
  void sent(ConnectionId connection, std::uint64_t bytes);
  void commit_returned(Ticket ticket, std::string_view error);
  Instant next_deadline() const;
  /// Nothing for a stream without sync.
  std::optional<sync::SyncStatus> sync_status(std::string_view stream);
  void flush_outputs();
  void report(const std::vector<stream::Quarantined>& damaged);

  // api::NodeFacts.
  std::string status_json() override;
  std::string sync_json(std::string_view stream, const std::vector<StreamSeq>& messages) override;
  std::vector<stream::Stream::OriginStatus> sources(std::string_view stream) override {
    return syncs.origins(stream);
  }

  // stream::StreamsListener.
  void on_created(stream::Stream& stream) override;
  stream::ApiError check_update(const stream::Stream& stream,
                                const stream::StreamConfig& after) override;
  void on_updated(stream::Stream& stream, const stream::StreamConfig& before) override;
  void on_deleted(stream::Stream& stream) override;

  Config config;
  Host host;
  base::Clock clock;
  Instant now{};  ///< The clock's, for those that look at it between inputs.
  const Instant started;
  const std::string loop_guard;
  Outbox outbox;
  /// Not before: failed commits are followed by pauses, whoever wants what to be written again.
  Instant commit_at{};
  int commits_failed = 0;  ///< In a row.
  /// Ids of the links we dial begin here; hosts number theirs below (see ConnectionId).
  std::uint64_t next_dialled = 0x8000'0000;

  leaf::InterestTable interest;
  InterestFan interest_fan;
  route::Router router;
  RouterOutlet outlet;
  Endpoint endpoint;
  Endpoint intake;    // For streams: what comes is stored.
  Endpoint services;  // For requests: what the node itself sends does not reach it.

  store::Journal journal;
  store::DurabilityGate gate;
  stream::Streams streams;
  consumer::Consumers consumers;
  api::Api api;

  LinkBridge bridge;
  sync::DeadLetters dead_letters;
  sync::Syncs syncs;
  leaf::HubLink hub;
  leaf::AcceptedLeafs leafs;
  Connections connections;
  ReadingHolds holds;

  StreamEndpoints stream_endpoints;
  ConsumerEndpoints consumer_endpoints;
  ApiEndpoints api_endpoints;
};

}  // namespace frond::engine
