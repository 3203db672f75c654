#pragma once
// A router with a client to watch, and what the leaf tests need around it.

#include "leaf/interest_table.h"
#include "route/router.h"

#include <frond/config.h>
#include <frond/host.h>
#include <frond/output.h>

#include <catch2/catch.hpp>
#include <span>
#include <string>
#include <vector>

namespace frond::leaf {

inline Instant at_ms(std::int64_t ms) { return Instant(std::chrono::milliseconds(ms)); }

/// Counts up: the jitter of the backoff is then known.
class CountingEntropy final : public Entropy {
 public:
  std::uint64_t next() override { return value_++; }

 private:
  std::uint64_t value_ = 0;
};

/// A client that writes down what it gets as "<target> <subject> <reply> <payload>".
class Watcher final : public route::Sink {
 public:
  route::SinkKind kind() const override { return route::SinkKind::client; }
  void deliver(const route::Subscription&, const base::Message& message,
               std::string_view target) override {
    got.push_back(std::string(target) + " " + std::string(message.subject) + " " +
                  std::string(message.reply) + " " + std::string(message.payload));
  }
  bool forward(const base::Message&, std::string_view, bool,
               std::span<const std::string_view>) override {
    return false;
  }
  std::vector<std::string> got;
};

struct LeafWorld {
  CountingEntropy entropy;
  route::Router router{entropy};
  InterestTable interest;
  Watcher client;
  Outbox outbox;

  LeafWorld() { router.set_interest_listener(&interest); }
  ~LeafWorld() { router.remove_sink(client); }

  std::size_t publish(std::string_view target, std::string_view payload,
                      std::string_view reply = {}, std::string_view header = {}) {
    const base::Message message{target, reply, header, payload};
    return router.publish({.message = message, .target = target, .from = &client});
  }
};

/// All bytes for one connection since the last look, and the close reason behind "CLOSE ".
inline std::string sent(Outbox& outbox, ConnectionId connection) {
  std::string bytes;
  for (Output& output : outbox.take()) {
    if (const auto* send = std::get_if<SendBytes>(&output);
        send && send->connection == connection) {
      bytes += send->bytes;
    }
    if (const auto* end = std::get_if<CloseConnection>(&output);
        end && end->connection == connection) {
      bytes += "CLOSE " + end->reason;
    }
  }
  return bytes;
}

}  // namespace frond::leaf
