#pragma once
// A forwarder of the stream ORD and its hub: what the tests of forward share.

#include "sync/forward/forward.h"
#include "sync_world.h"

#include <optional>
#include <string>
#include <vector>

namespace frond::sync {

using Payloads = std::vector<std::string>;

struct Outbound {
  SyncWorld w;
  std::optional<Forward> forward;
  std::int64_t stored_ms = 0;  // When put() stores.

  explicit Outbound(const char* subject = "ord.>", const char* window = "8") {
    w.stream.settings.name = "ORD";
    w.stream.settings.subjects = {subject};
    w.stream.settings.metadata = {{"frond.forward", "hub"}, {"frond.forward.window", window}};
    w.streams["HUB"].filter = subject;
    start();
  }
  void start() { forward.emplace(w.context, w.stream, "streams/ORD", WayStart::opened); }
  void tell() {
    for (stream::StreamListener* listener : w.stream.listeners) {
      listener->on_messages(w.stream, {{1}, w.stream.durable});
    }
  }
  void put(const std::string& payload, const std::string& header = {},
           const std::string& subject = "ord.1") {
    w.stream.ingest({subject, {}, header, payload}, at_ms(stored_ms));
    w.stream.durable = w.stream.last;
    tell();
  }
  void run(std::int64_t ms) { w.run(*forward, ms); }
  /// Until nothing is left to do, however much that is.
  void run_all(std::int64_t ms) { w.run(*forward, ms, 100'000); }
  void up(std::int64_t ms, int steps = 200) {
    forward->up(at_ms(ms));
    w.run(*forward, ms, steps);
  }
  /// The process dies and begins again on what is stored.
  void restart() {
    w.queue.clear();
    forward.reset();
    start();
    w.commit();
  }
  /// The local stream has lost everything above `last`.
  void roll_back(std::uint64_t last) {
    w.stream.kept.erase(w.stream.kept.upper_bound({last}), w.stream.kept.end());
    w.stream.last = w.stream.durable = {last};
  }
  void down(std::int64_t ms) {
    w.queue.clear();
    forward->down(at_ms(ms));
    w.commit();
  }
  Payloads hub() const { return w.at_hub("HUB"); }
  /// What the hub holds when the link is back a day later, when no window of ids helps it. By then
  /// nothing waits.
  Payloads a_day_later() {
    w.streams["HUB"].ids.clear();
    up(86'400'000);
    CHECK(forward->status().queued == 0);
    return hub();
  }
};

}  // namespace frond::sync
