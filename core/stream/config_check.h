#pragma once
// Defaults and checks of a stream config, in nats-server's order and words (SC-01 to SC-36), and
// what an update may change (SC-35). Pure but for the lookup of other streams.

#include "stream/config.h"
#include "stream/error.h"

#include <functional>
#include <string_view>

namespace frond::stream {

/// Config of another stream of this node; null when there is none.
using ConfigLookup = std::function<const StreamConfig*(std::string_view name)>;

/// Fills defaults in and says what is wrong. `pedantic` refuses defaults that change what was
/// asked for (10157).
ApiError check_config(StreamConfig& config, bool pedantic, const ConfigLookup& find);

/// What must hold of a config that comes from a file, so that serving it breaks nothing: less than
/// check_config() asks, since rules may have become stricter. Sync is check_sync()'s.
ApiError check_recovered(const StreamConfig& config);

/// Entering or leaving workqueue retention is refused before anything else of an update is looked
/// at, also where this build would refuse the retention itself.
ApiError check_retention_change(const StreamConfig& config, const StreamConfig& before);

/// For a checked `config` that shall replace `before`; adjusts what sealing implies.
ApiError check_update(StreamConfig& config, const StreamConfig& before);

/// Whether both are the same stream: what makes a create idempotent (JA-02).
bool same_config(const StreamConfig& a, const StreamConfig& b);

/// Drops the keys that only replies carry and notes the API level the config needs (VG-04).
void set_static_metadata(StreamConfig& config);

}  // namespace frond::stream
