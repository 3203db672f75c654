#pragma once
// What Frond's own requests tell of the node beyond its streams: its link, and how streams are
// synced over it. Those layers stand above api, so the engine implements this; it outlives the Api.

#include "stream/stream.h"

#include <frond/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace frond::api {

class NodeFacts {
 public:
  virtual ~NodeFacts() = default;
  /// The answer of `$FROND.STATUS`: a JSON object.
  virtual std::string status_json() = 0;
  /// What `$FROND.SYNC.INFO.<stream>` tells, a JSON object; empty for a stream that is not synced.
  /// And of each of these messages what became of it.
  virtual std::string sync_json(std::string_view stream,
                                const std::vector<StreamSeq>& messages) = 0;
  /// How far each source of a stream is, in the order of its config.
  virtual std::vector<stream::Stream::OriginStatus> sources(std::string_view stream) = 0;
};

}  // namespace frond::api
