#pragma once
// Hangs the request subjects on the router: `$JS.API.>` and Frond's own `$FROND.>`, and what of
// both others may ask under the node's own domain. Maps subjects, answers nothing itself. One per
// engine.

#include "api/dispatch.h"
#include "base/outlet.h"
#include "engine/endpoint.h"

#include <frond/types.h>

#include <string>
#include <string_view>

namespace frond::engine {

class ApiEndpoints {
 public:
  ApiEndpoints(Endpoint& endpoint, base::Outlet& outlet, api::Api& api, const Instant& now)
      : endpoint_(endpoint), outlet_(outlet), api_(api), now_(now) {}

  /// `domain` may be empty: then the node is not reachable as a domain.
  void open(std::string_view domain);

 private:
  void by_domain(std::string_view prefix, const base::Message& message, std::string_view target);

  Endpoint& endpoint_;
  base::Outlet& outlet_;
  api::Api& api_;
  const Instant& now_;
};

}  // namespace frond::engine
