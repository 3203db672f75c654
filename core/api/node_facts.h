#pragma once
// What Frond's own requests tell of the node beyond its streams: its link, and how streams are
// synced over it. Those layers stand above api, so the engine implements this; it outlives the Api.

#include <string>
#include <string_view>

namespace frond::api {

class NodeFacts {
 public:
  virtual ~NodeFacts() = default;
  /// The answer of `$FROND.STATUS`: a JSON object.
  virtual std::string status_json() = 0;
  /// What `$FROND.SYNC.INFO.<stream>` tells, a JSON object; empty for a stream that is not synced.
  virtual std::string sync_json(std::string_view stream) = 0;
};

}  // namespace frond::api
