#include "sync/forward/forward_state.h"

#include "wire/json_reader.h"

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace frond::sync {

using wire::Json;

namespace {

ForwardEpochs read_epochs(const Json& list, std::string& error) {
  std::vector<ForwardEpoch> epochs;
  for (const Json& value : list) {
    wire::ObjectReader fields(value, "ForwardEpoch", error);
    ForwardEpoch& epoch = epochs.emplace_back();
    fields.read("first", epoch.first.value);
    fields.read("name", epoch.name);
  }
  return ForwardEpochs(std::move(epochs));
}

}  // namespace

std::string forward_state_json(const ForwardState& state) {
  Json streams = Json::object();
  for (const auto& [name, position] : state.hub_streams) {
    streams[name] = {{"created", position.created},
                     {"sequence", position.sequence.value},
                     {"id", position.id},
                     {"time", position.time}};
  }
  Json epochs = Json::array();
  for (const ForwardEpoch& epoch : state.epochs.entries()) {
    epochs.push_back({{"first", epoch.first.value}, {"name", epoch.name}});
  }
  Json json = Json::object();
  json["stream_created"] = state.stream_created;
  json["stream_identity"] = state.stream_identity;
  json["node"] = state.node;
  json["acked"] = state.acked.value;
  json["claimed"] = state.claimed.value;
  json["epochs"] = std::move(epochs);
  json["hub_streams"] = std::move(streams);
  json["hub_stream"] = state.hub_stream;
  json["hub_sequence"] = state.hub_sequence.value;
  json["refused"] = state.refused;
  json["last_error"] = state.last_error;
  return wire::print_json(json);
}

std::optional<ForwardState> forward_state_parse(std::string_view text) {
  Json json;
  if (!wire::parse_json(text, json).empty() || !json.is_object()) {
    return std::nullopt;
  }
  ForwardState state;
  std::string error;
  wire::ObjectReader reader(json, "ForwardState", error);
  reader.read("stream_created", state.stream_created);
  reader.read("stream_identity", state.stream_identity);
  reader.read("node", state.node);
  reader.read("acked", state.acked.value);
  reader.read("claimed", state.claimed.value);
  reader.read("hub_stream", state.hub_stream);
  reader.read("hub_sequence", state.hub_sequence.value);
  reader.read("refused", state.refused);
  reader.read("last_error", state.last_error);
  if (const Json* streams = reader.object("hub_streams", "map[string]HubPosition")) {
    for (const auto& [name, value] : streams->items()) {
      wire::ObjectReader fields(value, "HubPosition", error);
      HubPosition& position = state.hub_streams[name];
      fields.read("created", position.created);
      fields.read("sequence", position.sequence.value);
      fields.read("id", position.id);
      fields.read("time", position.time);
    }
  }
  if (const Json* epochs = reader.array("epochs", "[]ForwardEpoch")) {
    state.epochs = read_epochs(*epochs, error);
  }
  return error.empty() ? std::optional(std::move(state)) : std::nullopt;
}

}  // namespace frond::sync
