#pragma once
// The rules of a consumer's configuration: defaults (CC-05, CC-06, CC-11, CC-12), the checks with
// their error codes (CC-01 to CC-21) and what an update may change (CC-22). Between the JSON and
// Consumers; pure functions.

#include "consumer/config.h"
#include "stream/config.h"
#include "stream/error.h"

namespace frond::consumer {

/// Fills in what the client left open. `pedantic` refuses instead of correcting (10157).
stream::ApiError apply_defaults(ConsumerConfig& config, const stream::StreamConfig& stream,
                                bool pedantic);
/// Everything that does not depend on other consumers; `config` has its defaults.
stream::ApiError check(const ConsumerConfig& config, const stream::StreamConfig& stream);
/// Whether `before` may become `after`; `bound` says that somebody listens on the deliver subject.
stream::ApiError check_update(const ConsumerConfig& before, const ConsumerConfig& after,
                              bool bound);

/// Stores the API level the config needs in its metadata, drops what only answers carry (VG-04).
void set_static_metadata(ConsumerConfig& config);
/// Makes `config`'s versioning metadata that of `before`, so that the two can be compared.
void copy_static_metadata(ConsumerConfig& config, const ConsumerConfig& before);

}  // namespace frond::consumer
