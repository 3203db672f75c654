#pragma once
// The envelope of advisories and metrics (nats-features 12): type, id, timestamp, then what the
// event tells. They are made and sent only if somebody listens. Used by consumers and by the API.

#include "base/outlet.h"

#include <frond/host.h>
#include <frond/types.h>

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace frond::consumer {

/// `fill` adds the event's own fields; "domain" follows unless empty.
void send_advisory(base::Outlet& outlet, Entropy& entropy, std::string_view subject,
                   std::string_view type, std::string_view domain, WallTime now,
                   const std::function<void(nlohmann::ordered_json&)>& fill);

}  // namespace frond::consumer
