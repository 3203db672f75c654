#pragma once
// What a consumer has around it: the parts of the node that all consumers share, and the list of
// those that have something to do. One, in Consumers; outlives them.

#include "base/clock.h"
#include "base/outlet.h"
#include "store/durability_gate.h"
#include "store/journal.h"

#include <frond/host.h>

#include <cstdint>
#include <string>
#include <vector>

namespace frond::consumer {

class Consumer;

/// What all consumers of a node share; outlives them.
struct Environment {
  store::Journal& journal;
  store::DurabilityGate& gate;
  base::Outlet& outlet;
  Entropy& entropy;
  const base::Clock& clock;
  std::string domain;  ///< JetStream domain for advisories; may be empty.
  /// Set on a node that has a hub: acknowledgements go to subjects that name this domain (AK-04,
  /// v2), so that the consumer of the same stream and name on the other side of the link, as every
  /// device of an app has it, cannot take them for its own.
  std::string ack_domain = {};
  std::vector<Consumer*> woken = {};  ///< They have work for the next pump; each is in it once.
  bool room_wanted = false;           ///< Some consumer rests until its reader has room.
  std::uint64_t made = 0;             ///< Consumers so far.
};

}  // namespace frond::consumer
