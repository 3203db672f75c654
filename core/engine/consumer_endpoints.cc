#include "engine/consumer_endpoints.h"

namespace frond::engine {

void ConsumerEndpoints::on_created(consumer::Consumer& consumer) {
  const std::string& stream = consumer.stream().config().name;
  std::vector<route::SubscriptionId>& own = subscriptions_[{stream, consumer.name()}];
  // Nobody listens for the acks of a consumer without them: who sends one is told so by a 503.
  if (consumer.config().ack_policy != consumer::AckPolicy::none) {
    own.push_back(
        endpoint_.listen("$JS.ACK." + consumer.reply_name() + ".*.*.*.*.*",
                         [this, &consumer](const base::Message& message, std::string_view) {
                           consumer.on_ack(message, now_);
                         }));
  }
  own.push_back(endpoint_.listen("$JS.FC." + consumer.reply_name() + ".>",
                                 [this, &consumer](const base::Message& message, std::string_view) {
                                   consumer.on_flow_control(message, now_);
                                 }));
}

void ConsumerEndpoints::on_deleted(const consumer::Consumer& consumer) {
  const auto found = subscriptions_.find({consumer.stream().config().name, consumer.name()});
  if (found == subscriptions_.end()) return;
  for (const route::SubscriptionId id : found->second) endpoint_.stop(id);
  subscriptions_.erase(found);
}

}  // namespace frond::engine
