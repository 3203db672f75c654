#pragma once
// Hangs consumers on the router: acknowledgements and flow control answers of each consumer arrive
// on subjects of its own. Per consumer and not one wildcard for all, because what is subscribed is
// announced to the hub, and `$JS.ACK.>` would draw every acknowledgement of the account to us.
// Between route and consumer; one per engine.

#include "consumer/consumers.h"
#include "engine/endpoint.h"

#include <frond/types.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace frond::engine {

class ConsumerEndpoints final : public consumer::ConsumersListener {
 public:
  ConsumerEndpoints(Endpoint& endpoint, const Instant& now) : endpoint_(endpoint), now_(now) {}

  void on_created(consumer::Consumer& consumer) override;
  void on_deleted(const consumer::Consumer& consumer) override;

 private:
  using Key = std::pair<std::string, std::string>;  // Stream, consumer.
  Endpoint& endpoint_;
  const Instant& now_;
  std::map<Key, std::vector<route::SubscriptionId>> subscriptions_;
};

}  // namespace frond::engine
