#include "sync/sync_status.h"

#include "base/time_text.h"
#include "wire/json_reader.h"

#include <nlohmann/json.hpp>

namespace frond::sync {

namespace {

wire::Json message_json(const MessageStatus& message) {
  wire::Json json = wire::Json::object();
  json["seq"] = message.sequence.value;
  json["state"] = message.state.state.empty() ? "unknown" : message.state.state;
  if (!message.state.hub_sequence.none()) {
    json["hubSequence"] = message.state.hub_sequence.value;
  }
  if (!message.state.why.empty()) {
    json["why"] = message.state.why;
  }
  return json;
}

}  // namespace

std::string sync_status_json(const SyncStatus& status, const std::vector<MessageStatus>& messages,
                             const base::Clock& clock) {
  wire::Json json = wire::Json::object();
  json["way"] = status.way;
  json["pending"] = status.queued + status.lag;
  json["queued"] = status.queued;
  json["lag"] = status.lag;
  json["inFlight"] = status.in_flight;
  json["inDoubt"] = status.in_doubt;
  json["refused"] = status.refused;
  if (!status.hub_stream.empty()) {
    json["hubStream"] = status.hub_stream;
  }
  json["hubSequence"] = status.hub_sequence.value;
  if (status.last_contact) {
    json["lastContact"] = base::rfc3339_format(clock.wall(*status.last_contact));
  }
  if (!status.last_error.empty()) {
    json["lastError"] = status.last_error;
  }
  for (const MessageStatus& message : messages) {
    json["messages"].push_back(message_json(message));
  }
  return wire::print_json(json);
}

}  // namespace frond::sync
