#pragma once
// Hangs streams on the router: each subject of each stream is an interest of the node, and what
// arrives there is ingested and acknowledged through the durability gate. Between route and stream;
// one per engine.

#include "engine/endpoint.h"
#include "route/router.h"
#include "store/durability_gate.h"
#include "stream/stream.h"
#include "sync/syncs.h"

#include <frond/types.h>

#include <map>
#include <string>
#include <vector>

namespace frond::engine {

class StreamEndpoints {
 public:
  StreamEndpoints(Endpoint& endpoint, store::DurabilityGate& gate, const route::Router& router,
                  const sync::Syncs& syncs, std::string domain, const Instant& now)
      : endpoint_(endpoint),
        gate_(gate),
        router_(router),
        syncs_(syncs),
        domain_(std::move(domain)),
        now_(now) {}

  void add(stream::Stream& stream);
  void update(stream::Stream& stream);
  void remove(const stream::Stream& stream);

 private:
  void store(stream::Stream& stream, const base::Message& message, std::string_view target);

  Endpoint& endpoint_;
  store::DurabilityGate& gate_;
  const route::Router& router_;
  const sync::Syncs& syncs_;
  const std::string domain_;
  const Instant& now_;  // The engine's present, set at each input.
  std::map<std::string, std::vector<route::SubscriptionId>, std::less<>> subscriptions_;
};

}  // namespace frond::engine
