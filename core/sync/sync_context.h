#pragma once
// What every mirror, forwarder and remote reader is lent by the engine. The references outlive
// them.

#include "base/outlet.h"
#include "store/durability_gate.h"
#include "store/journal.h"
#include "sync/dead_letters.h"
#include "sync/sync_link.h"

#include <frond/host.h>

#include <string>

namespace frond::sync {

struct SyncContext {
  base::Outlet& outlet;
  SyncLink& link;
  store::Journal& journal;
  store::DurabilityGate& gate;
  const StorageReader& files;
  Entropy& entropy;
  DeadLetters& dead_letters;
  std::string node_name;   ///< Unique per device: part of every Nats-Msg-Id.
  std::string own_domain;  ///< May be empty.
};

}  // namespace frond::sync
