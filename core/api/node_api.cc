// What the node tells of itself: `$FROND.STATUS` and `$FROND.SYNC.INFO.<stream>`.

#include "api/call.h"
#include "api/handlers.h"
#include "stream/error_table.h"

#include <nlohmann/json.hpp>

namespace frond::api {

void node_status(Call& call) {
  // Not held back until anything is durable: this is what one asks when the disk gives trouble.
  wire::Json status;
  wire::parse_json(call.services.node.status_json(), status);
  call.answer(status);
}

void sync_info(Call& call) {
  const stream::Stream* stream = call.find_stream(call.token(3));
  if (stream == nullptr) {
    return;
  }
  wire::Json info;
  wire::parse_json(call.services.node.sync_json(call.token(3)), info);
  if (info.is_null()) {
    return call.refuse(stream::api_error(20001));
  }
  call.tell(*stream, info);
}

}  // namespace frond::api
