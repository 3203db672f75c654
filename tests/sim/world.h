#pragma once
// One run: some devices, one hub, their applications, and a script of faults drawn from the seed.
// A run has three parts: setting up and trouble (episodes of very different length, from seconds to
// hours, each with its own weather), healing (everything is repaired and time passes until the
// streams agree, two virtual hours at most), and a quiet end in which nothing may change any more.

#include "sim/checkers.h"
#include "sim/desk.h"
#include "sim/lie.h"
#include "sim/misfortune.h"
#include "sim/place.h"
#include "sim/random.h"
#include "sim/scheduler.h"
#include "sim/trace.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace frond::sim {

struct Outcome {
  std::optional<Violation> violation;
  std::uint64_t trace_hash = 0;
  std::uint64_t steps = 0;
  std::uint64_t acks = 0;
};

class World {
 public:
  /// `meets` names the one misfortune that the run meets; empty: as the seed chooses.
  World(std::uint64_t seed, Lie lie, bool print, std::string_view meets = {}, bool desks = false);
  Outcome run();

 private:
  Node::Surroundings around();
  void build();
  Place make_place(const std::string& name, bool device);
  void furnish_device(Place& place);
  void furnish_hub();
  void furnish_namesake();
  void create(Place& place, Client& client, const std::string& subject, std::string json);
  void create_consumer(Place& place, Client& client, const std::string& api,
                       const std::string& stream, const std::string& name,
                       std::uint64_t deliveries_max = 0);
  std::shared_ptr<Link> dial(Node& from);
  Place& place_of(const Node& node);

  // faults.cc
  void episode();
  void misfortunes_within(Duration length);
  void trouble();
  void trouble_with(Place& place);
  void crash(Place& place);
  void heal();
  void last_words(int patience);
  void watch_link(Place& place, Duration bound);
  void keep_stepping(Actor& actor, Duration mean, Instant until);

  // settle.cc
  std::string unsettled();
  bool read_all(Streams& streams, std::string& error);
  void falsify(Streams& streams);
  std::string compare(const Streams& streams) const;
  void settle();
  void run_for(Duration duration);

  std::uint64_t seed_;
  std::string_view meets_;
  Lie lie_;
  Random random_;
  Scheduler scheduler_;
  Trace trace_;
  Checkers checkers_;
  Places places_;  ///< The hub is the first.
  Random fate_;    ///< Of misfortunes: their draws leave the others' as they were.
  std::vector<std::unique_ptr<Misfortune>> misfortunes_;
  bool healing_ = false;
  Desks desks_;
  /// Whether the hub's disk may refuse single commits. With several messages in flight a refused
  /// one would be overtaken, so such worlds forward one at a time (frond.forward.window).
  bool hub_disk_fails_ = false;
};

}  // namespace frond::sim
