// The weather of a run: episodes, what breaks in them, and the healing at the end.

#include "sim/world.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace frond::sim {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

// Until a dead link is known for dead four times what its slowest answer took (leaf/keep_alive.h),
// up to ten seconds with a hub that stood still for a moment; the pause, and a handshake over the
// slowest network there is here, which takes a second each way. Without a hint, the pause after a
// refusal and the time until a PING that nobody waits for finds the link dead.
constexpr Duration hinted_link_bound = seconds(20);
constexpr Duration link_bound = seconds(75);

}  // namespace

void World::keep_stepping(Actor& actor, Duration mean, Instant until) {
  const Duration pause = random_.duration(mean / 10, mean * 2);
  if (scheduler_.now() + pause >= until) return;
  scheduler_.after(pause, [this, &actor, mean, until] {
    actor.step();
    keep_stepping(actor, mean, until);
  });
}

void World::crash(Place& place) {
  if (!place.node->running()) return;
  if (random_.chance(20)) {
    place.node->stop();
  } else {
    place.node->crash(random_.chance(30));
  }
  const Duration away = random_.chance(70) ? random_.duration(milliseconds(50), seconds(3))
                                           : random_.duration(seconds(5), minutes(4));
  scheduler_.after(seconds(4) + away, [this, node = place.node.get()] {
    if (!node->running()) node->start();
  });
}

void World::trouble_with(Place& place) {
  if (healing_) return;
  Node& node = *place.node;
  const bool device = place.is_device();
  const Duration while_ = random_.chance(70) ? random_.duration(milliseconds(100), seconds(10))
                                             : random_.duration(seconds(30), minutes(5));
  switch (random_.below(12)) {
    case 0:
    case 1:
      return crash(place);
    case 2:
      node.freeze(while_);
      return;
    case 3:
      if (!device && !hub_disk_fails_) return;
      node.disk_full(true);
      scheduler_.after(while_, [&node] { node.disk_full(false); });
      return;
    case 4:
      node.slow_disk(random_.chance(50));
      return;
    case 5:
      (random_.chance(50) ? place.client : place.second)->drop();
      return;
    case 6: {
      // A device's clock may say anything. A server's is kept near the truth: one that is set by
      // hours and restarted forgets the ids of its duplicate window, as nats-server does, and a
      // copy that a device sends again within the window is stored again.
      const Duration most = device ? Duration(hours(6)) : Duration(seconds(15));
      node.set_wall_clock(random_.chance(30) ? Duration{0} : random_.duration(-most, most));
      return;
    }
    default:
      break;
  }
  if (!device) return;
  switch (random_.below(5)) {
    case 0:
      node.pause_link();
      scheduler_.after(while_, [&node] { node.resume_link(); });
      return;
    case 1:
      if (place.hub_link) place.hub_link->silence();
      return;
    case 2:
      place.reachable = false;
      if (place.hub_link && random_.chance(50)) place.hub_link->cut("network is unreachable");
      scheduler_.after(while_, [this, &place, &node] {
        place.reachable = true;
        if (random_.chance(50)) node.network_hint(true);
      });
      if (random_.chance(50)) node.network_hint(false);
      return;
    default:
      if (place.hub_link) place.hub_link->cut("Connection reset by peer");
      return;
  }
}

void World::episode() {
  static constexpr Duration lengths[] = {seconds(4), seconds(20), seconds(60), minutes(4),
                                         hours(3)};
  const Duration length = lengths[random_.below(std::size(lengths))];
  const Instant until = scheduler_.now() + length;
  // A long episode is a long absence: the link is down, or the mirrors' heartbeats would be all
  // that the run computes.
  const bool away = length > minutes(10);
  for (const auto& place : places_) {
    const bool device = place->is_device();
    if (device || hub_disk_fails_) place->node->commit_failures(random_.chance(30) ? 5 : 0);
    if (!device) continue;
    place->reachable = !away && random_.chance(80);
    if (!place->reachable && place->hub_link) {
      if (random_.chance(70)) {
        place->hub_link->cut("network is unreachable");
      } else {
        place->hub_link->silence();
      }
    }
  }
  const std::uint64_t work = random_.between(4, 25);
  for (const auto& place : places_) {
    for (const auto& actor : place->actors) {
      keep_stepping(*actor, length / static_cast<std::int64_t>(work), until);
    }
  }
  const std::uint64_t faults = random_.below(7);
  for (std::uint64_t i = 0; i < faults; ++i) {
    scheduler_.after(random_.duration(Duration{0}, length), [this] {
      const std::uint64_t at = random_.below(places_.size());
      trouble_with(*places_[static_cast<std::size_t>(at)]);
    });
  }
  misfortunes_within(length);
  run_for(length);
}

void World::misfortunes_within(Duration length) {
  for (const auto& misfortune : misfortunes_) {
    for (std::uint64_t left = fate_.between(1, 3); left > 0; --left) {
      scheduler_.after(fate_.duration(Duration{0}, length), [this, misfortune = misfortune.get()] {
        if (!healing_) misfortune->strike();
      });
    }
  }
}

void World::trouble() {
  // Streams and consumers first, in most worlds before the trouble begins.
  const Instant until = scheduler_.now() + seconds(random_.chance(80) ? 3 : 1);
  for (const auto& place : places_) {
    for (const auto& actor : place->actors) {
      if (dynamic_cast<Creator*>(actor.get()) != nullptr) {
        keep_stepping(*actor, milliseconds(100), until);
      }
    }
  }
  run_for(until - scheduler_.now());
  const std::uint64_t episodes = random_.between(2, 5);
  for (std::uint64_t i = 0; i < episodes && !checkers_.violation(); ++i) episode();
}

/// From now on the device has so long to be linked; anew when it or the hub is not there for it.
void World::watch_link(Place& place, Duration bound) {
  const Instant since = scheduler_.now();
  scheduler_.after(bound, [this, &place, bound, since] {
    if (!place.node->undisturbed_since(since) || !places_.front()->node->undisturbed_since(since)) {
      return watch_link(place, link_bound);
    }
    const std::string status = place.node->status();
    if (status.find(R"("link":{"state":"online")") == std::string::npos) {
      checkers_.fail('l', place.name() + " has no link: " + status);
    }
  });
}

void World::heal() {
  trace_.event("world", "heals");
  healing_ = true;
  for (const auto& misfortune : misfortunes_) misfortune->heal();
  for (const auto& place : places_) {
    Node& node = *place->node;
    place->reachable = true;
    node.disk_full(false);
    node.slow_disk(false);
    node.commit_failures(0);
    node.start();
    if (place->is_device()) {
      node.resume_link();
      const bool hinted = seed_ % 2 == 0;
      if (hinted) node.network_hint(true);
      watch_link(*place, hinted ? hinted_link_bound : link_bound);
    }
    for (const auto& actor : place->actors) {
      actor->calm();
      keep_stepping(*actor, seconds(4), scheduler_.now() + hours(4));
    }
  }
  if (misfortunes_.empty()) return;
  last_words(3);
  run_for(minutes(2));
}

/// Whatever was lost, what is published now must arrive. What lingers is waited for, though not for
/// ever: a consumer may have a file that can never be written.
void World::last_words(int patience) {
  scheduler_.after(seconds(90), [this, patience] {
    const bool lingers =
        std::ranges::any_of(misfortunes_, [](const auto& one) { return one->lingers(); });
    if (lingers && patience > 0) return last_words(patience - 1);
    for (const auto& place : places_) {
      for (Publisher* publisher : place->publishers) publisher->say_last_word();
    }
  });
}

}  // namespace frond::sim
