#include "sync/sync_status.h"

#include "wire/json_reader.h"

#include <nlohmann/json.hpp>

namespace frond::sync {

std::string sync_status_json(const SyncStatus& status) {
  wire::Json json = wire::Json::object();
  json["way"] = status.way;
  json["pending"] = status.pending;
  json["inFlight"] = status.in_flight;
  json["inDoubt"] = status.in_doubt;
  json["refused"] = status.refused;
  if (!status.hub_stream.empty()) {
    json["hubStream"] = status.hub_stream;
  }
  json["hubSequence"] = status.hub_sequence.value;
  if (!status.last_error.empty()) {
    json["lastError"] = status.last_error;
  }
  return wire::print_json(json);
}

}  // namespace frond::sync
