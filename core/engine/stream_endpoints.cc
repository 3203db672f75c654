#include "engine/stream_endpoints.h"

#include "stream/error_table.h"
#include "stream/pub_ack.h"

#include <utility>

namespace frond::engine {

namespace {
// What a publisher reads when the host could not make the message durable (PB-13).
constexpr std::string_view commit_failed = "storage commit failed";
}  // namespace

void StreamEndpoints::add(stream::Stream& stream) {
  std::vector<route::SubscriptionId>& ids = subscriptions_[stream.config().name];
  for (const std::string& subject : stream.config().subjects) {
    ids.push_back(endpoint_.listen(
        subject, [this, &stream](const base::Message& message, std::string_view target) {
          store(stream, message, target);
        }));
  }
}

void StreamEndpoints::update(stream::Stream& stream) {
  remove(stream);
  add(stream);
}

void StreamEndpoints::remove(const stream::Stream& stream) {
  const auto found = subscriptions_.find(stream.config().name);
  if (found == subscriptions_.end()) return;
  for (const route::SubscriptionId id : found->second) endpoint_.stop(id);
  subscriptions_.erase(found);
}

void StreamEndpoints::store(stream::Stream& stream, const base::Message& message,
                            std::string_view target) {
  const route::Sink* publisher = router_.publisher();
  if (publisher != nullptr && publisher->kind() == route::SinkKind::hub &&
      syncs_.crossings().keeps_out(target)) {
    return;
  }
  const stream::IngestResult result = stream.ingest(message, now_);
  if (message.reply.empty() || stream.config().no_ack) return;
  const std::string reply(message.reply);
  const std::string& name = stream.config().name;
  if (result.error) {
    gate_.hold(Ticket{0}, {reply, {}, stream::pub_ack_json(name, result.error)}, {});
    return;
  }
  gate_.hold(result.ticket, {reply, {}, stream::pub_ack_json(name, domain_, result)},
             {reply, {}, stream::pub_ack_json(name, stream::api_error(10077, {commit_failed}))});
}

}  // namespace frond::engine
