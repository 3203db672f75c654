#pragma once
// A mirror of the origin ORD and its hub: what the tests of mirror share.

#include "sync/mirror/mirror.h"
#include "sync_world.h"

#include <optional>
#include <string>

namespace frond::sync {

struct Copy {
  SyncWorld w;
  std::optional<Mirror> mirror;

  Copy() {
    w.stream.settings.name = "ORD";
    w.stream.settings.mirror.emplace();
    w.stream.settings.mirror->name = "ORD";
    w.stream.settings.mirror->external_api = "$JS.hub.API";
    w.streams["ORD"].filter = "ord.>";
    for (const char* payload : {"m1", "m2", "m3"}) {
      w.streams["ORD"].add("ord.1", payload);
    }
  }
  HubStream& origin() { return w.streams["ORD"]; }
  void start() { mirror.emplace(w.context, w.stream, "streams/ORD"); }
  void run(std::int64_t ms) {
    w.run(*mirror, ms);
    w.stream.durable = w.stream.last;
  }
  void up(std::int64_t ms) {
    mirror->up(at_ms(ms));
    run(ms);
  }
  std::string copy() const {
    std::string text;
    for (const auto& [sequence, message] : w.stream.kept) {
      text += std::to_string(sequence.value) + message.payload + " ";
    }
    return text;
  }
};

}  // namespace frond::sync
