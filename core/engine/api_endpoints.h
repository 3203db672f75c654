#pragma once
// Hangs the request subjects on the router: `$JS.API.>`, the same under the node's own domain, and
// Frond's own `$FROND.`. Maps subjects, answers nothing itself but `$FROND.`. One per engine.

#include "api/dispatch.h"
#include "base/outlet.h"
#include "engine/endpoint.h"

#include <frond/types.h>

#include <functional>
#include <string>
#include <string_view>

namespace frond::engine {

class ApiEndpoints {
 public:
  /// `status` gives the body for `$FROND.STATUS`, `sync` the one for `$FROND.SYNC.INFO.<stream>`.
  ApiEndpoints(Endpoint& endpoint, base::Outlet& outlet, api::Api& api,
               std::function<std::string()> status,
               std::function<std::string(std::string_view)> sync, const Instant& now)
      : endpoint_(endpoint),
        outlet_(outlet),
        api_(api),
        status_(std::move(status)),
        sync_(std::move(sync)),
        now_(now) {}

  /// `domain` may be empty: then the node is not reachable as a domain.
  void open(std::string_view domain);

 private:
  void by_domain(std::string_view prefix, const base::Message& message, std::string_view target);
  void answer(const base::Message& request, std::string_view body);

  Endpoint& endpoint_;
  base::Outlet& outlet_;
  api::Api& api_;
  std::function<std::string()> status_;
  std::function<std::string(std::string_view)> sync_;
  const Instant& now_;
};

}  // namespace frond::engine
