#include "engine/endpoint.h"

#include "subject/validity.h"

#include <utility>

namespace frond::engine {

route::SubscriptionId Endpoint::listen(std::string_view subject, Handler handler) {
  // Names out of configurations and files are parts of these subjects. One that is none is never
  // heard, but must not reach the trie, which stands on valid subjects.
  if (!subject::valid(subject)) return {};
  const route::SubscriptionId id = router_.subscribe(*this, subject);
  handlers_.emplace(id, std::make_shared<const Handler>(std::move(handler)));
  return id;
}

route::SubscriptionId Endpoint::listen_alone(std::string_view subject, Handler handler) {
  const route::SubscriptionId id = router_.subscribe_alone(*this, subject);
  handlers_.emplace(id, std::make_shared<const Handler>(std::move(handler)));
  return id;
}

void Endpoint::stop(route::SubscriptionId id) {
  router_.unsubscribe(id);
  handlers_.erase(id);
}

void Endpoint::deliver(const route::Subscription& subscription, const base::Message& message,
                       std::string_view target) {
  const auto found = handlers_.find(subscription.id);
  if (found == handlers_.end()) return;
  const std::shared_ptr<const Handler> handler = found->second;
  (*handler)(message, target);
}

}  // namespace frond::engine
