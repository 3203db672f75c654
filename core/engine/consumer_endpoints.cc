#include "engine/consumer_endpoints.h"

namespace frond::engine {

void ConsumerEndpoints::on_created(consumer::Consumer& consumer) {
  const std::string& stream = consumer.stream().config().name;
  const std::string tail = stream + '.' + consumer.name() + ".>";
  subscriptions_[{stream, consumer.name()}] = {
      endpoint_.listen("$JS.ACK." + tail,
                       [this, &consumer](const base::Message& message, std::string_view) {
                         consumer.on_ack(message, now_);
                       }),
      endpoint_.listen("$JS.FC." + tail,
                       [this, &consumer](const base::Message& message, std::string_view) {
                         consumer.on_flow_control(message, now_);
                       }),
  };
}

void ConsumerEndpoints::on_deleted(const consumer::Consumer& consumer) {
  const auto found = subscriptions_.find({consumer.stream().config().name, consumer.name()});
  if (found == subscriptions_.end()) return;
  for (const route::SubscriptionId id : found->second) endpoint_.stop(id);
  subscriptions_.erase(found);
}

}  // namespace frond::engine
