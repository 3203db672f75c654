// What the node tells of itself: `$FROND.STATUS` and `$FROND.SYNC.INFO.<stream>`.

#include "api/call.h"
#include "api/handlers.h"
#include "base/limits.h"
#include "stream/error_table.h"

#include <nlohmann/json.hpp>
#include <vector>

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
  wire::Json body;
  std::vector<StreamSeq> messages;
  if (!call.read_body(body)) {
    return;
  }
  if (body.is_object()) {
    std::string error;
    wire::ObjectReader reader(body, "SyncInfoRequest", error);
    const wire::Json* list = reader.array("seqs", "uint64");
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
      if (i >= base::sync_messages_max || !(*list)[i].is_number_unsigned()) {
        return call.refuse(stream::api_error(10003));
      }
      messages.push_back({(*list)[i].get<std::uint64_t>()});
    }
    reader.finish();
    if (!call.accept(error)) {
      return;
    }
  }
  wire::Json info;
  wire::parse_json(call.services.node.sync_json(call.token(3), messages), info);
  if (info.is_null()) {
    return call.refuse(stream::api_error(20001));
  }
  call.tell(*stream, info);
}

}  // namespace frond::api
