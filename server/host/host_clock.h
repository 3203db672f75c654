#pragma once
// The clocks that every input of the engine carries. Called by the host for each input.

#include <frond/types.h>

namespace frond::server {

/// The monotonic clock counts while the machine is suspended.
Now now();

}  // namespace frond::server
