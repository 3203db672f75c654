#pragma once
// The engine's own ear on the router: streams, the JetStream API, acks and sync inboxes listen
// through it with plain functions, so that none of those layers has to know route. Stands between
// route and everything above it; an engine has one for what is only heard, one for requests and one
// for what streams store, with its own lifetime.

#include "route/router.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>

namespace frond::engine {

class Endpoint final : public route::Sink {
 public:
  using Handler = std::function<void(const base::Message& message, std::string_view target)>;
  /// What its handlers are for.
  enum class Takes : std::uint8_t {
    everything,
    requests,  ///< They carry out what they are asked: what the node itself sends is not for them.
    storage,   ///< They store what comes.
  };

  explicit Endpoint(route::Router& router, Takes takes = Takes::everything)
      : router_(router), takes_(takes) {}
  ~Endpoint() override { router_.remove_sink(*this); }
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  /// Calls `handler` for each message on `subject` until stop(). May be called from a handler.
  /// Never calls it when that is no valid subject.
  route::SubscriptionId listen(std::string_view subject, Handler handler);
  /// As listen(), and nobody else hears it.
  route::SubscriptionId listen_alone(std::string_view subject, Handler handler);
  /// A handler may stop itself.
  void stop(route::SubscriptionId id);

  route::SinkKind kind() const override { return route::SinkKind::internal; }
  bool takes_answers() const override { return takes_ != Takes::requests; }
  bool stores() const override { return takes_ == Takes::storage; }
  void deliver(const route::Subscription& subscription, const base::Message& message,
               std::string_view target) override;
  bool forward(const base::Message&, std::string_view, bool,
               std::span<const std::string_view>) override {
    return false;
  }

 private:
  struct IdHash {
    std::size_t operator()(route::SubscriptionId id) const noexcept {
      return static_cast<std::size_t>(id);
    }
  };
  route::Router& router_;
  const Takes takes_;
  // Shared, because a handler that stops itself must outlive its own call.
  std::unordered_map<route::SubscriptionId, std::shared_ptr<const Handler>, IdHash> handlers_;
};

}  // namespace frond::engine
