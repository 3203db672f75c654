#pragma once
// A router with sinks of every kind that note what they get, for the tests of the router.
#include "route/router.h"

#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace frond::route {

using base::Message;
using Names = std::vector<std::string>;

struct Random : frond::Entropy {
  std::uint64_t state = 7;
  std::uint64_t next() override {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> 20;
  }
};

/// Writes down what it gets.
struct Recorder : Sink {
  explicit Recorder(SinkKind sink_kind = SinkKind::client) : own_kind(sink_kind) {}
  SinkKind own_kind;
  Names got;
  bool accepts = true;
  std::function<void(const Subscription&, const Message&)> on_deliver;

  SinkKind kind() const override { return own_kind; }
  void deliver(const Subscription& subscription, const Message& message,
               std::string_view target) override {
    got.push_back(subscription.sid + ":" + std::string(target) + "=" +
                  std::string(message.payload));
    if (on_deliver) {
      on_deliver(subscription, message);
    }
  }
  bool forward(const Message& message, std::string_view target, bool plain,
               std::span<const std::string_view> queues) override {
    std::string text = std::string(target) + "=" + std::string(message.payload);
    text += plain ? " plain" : "";
    for (const std::string_view queue : queues) {
      text += " " + std::string(queue);
    }
    got.push_back(text);
    return accepts;
  }
  Names take() { return std::exchange(got, {}); }
};

struct Fixture {
  Random random;
  Router router{random};

  std::size_t publish(std::string_view subject, std::string_view payload = "x",
                      const Sink* from = nullptr, bool echo = true,
                      std::span<const std::string_view> queues = {}) {
    const Message message{subject, "", "", payload};
    return router.publish(
        {.message = message, .target = subject, .from = from, .echo = echo, .queues = queues});
  }
};

struct Listener : InterestListener {
  Names told;
  void interest_changed(std::string_view subject, std::string_view queue, SinkKind kind,
                        std::uint64_t weight) override {
    told.push_back(std::string(subject) + "/" + std::string(queue) + "/" +
                   std::to_string(static_cast<int>(kind)) + "/" + std::to_string(weight));
  }
};

}  // namespace frond::route
