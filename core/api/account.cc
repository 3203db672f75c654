// JA-01: what the account uses and may use. The first question of every client.

#include "api/call.h"
#include "api/handlers.h"
#include "base/limits.h"
#include "stream/error_table.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace frond::api {

void account_info(Call& call) {
  const Services& services = call.services;
  std::uint64_t reserved_memory = 0;
  std::uint64_t reserved_storage = 0;
  const std::vector<stream::Stream*> streams = services.streams.all();
  for (const stream::Stream* stream : streams) {
    const stream::StreamConfig& config = stream->config();
    const auto bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(config.max_bytes, 0));
    (config.storage == stream::StorageKind::memory ? reserved_memory : reserved_storage) += bytes;
  }
  wire::Json out = wire::Json::object();
  out["memory"] = services.streams.memory_bytes();
  out["storage"] = services.streams.storage_bytes();
  out["reserved_memory"] = reserved_memory;
  out["reserved_storage"] = reserved_storage;
  out["streams"] = streams.size();
  out["consumers"] = services.consumers.count();
  wire::Json& limits = out["limits"] = wire::Json::object();
  limits["max_memory"] = call.config.memory_bytes_max;
  limits["max_storage"] = call.config.storage_bytes_max;
  limits["max_streams"] = -1;
  limits["max_consumers"] = -1;
  limits["max_ack_pending"] = -1;
  limits["memory_max_stream_bytes"] = -1;
  limits["storage_max_stream_bytes"] = -1;
  limits["max_bytes_required"] = false;
  if (!call.config.domain.empty()) {
    out["domain"] = call.config.domain;
  }
  wire::Json& api = out["api"] = wire::Json::object();
  api["level"] = base::jetstream_api_level;
  api["total"] = call.stats.total;
  api["errors"] = call.stats.errors;
  api["inflight"] = 1;
  call.answer(out);
}

void needs_cluster(Call& call) { call.refuse(stream::api_error(10010)); }

}  // namespace frond::api
