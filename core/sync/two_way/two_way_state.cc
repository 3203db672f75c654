#include "sync/two_way/two_way_state.h"

#include "wire/json_reader.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

namespace frond::sync {

using wire::Json;

namespace {

/// "3-7,9": neighbours make one run, since what is unsettled was mostly written in a row.
std::string runs_text(const std::vector<StreamSeq>& sequences) {
  std::string out;
  for (std::size_t i = 0; i < sequences.size();) {
    std::size_t end = i + 1;
    while (end < sequences.size() && sequences[end] == sequences[end - 1].next()) {
      ++end;
    }
    out += (out.empty() ? "" : ",") + std::to_string(sequences[i].value);
    if (end > i + 1) {
      out += "-" + std::to_string(sequences[end - 1].value);
    }
    i = end;
  }
  return out;
}

/// False when the text is none of ours. Longer lists than a file can hold are none, either.
bool read_runs(std::string_view text, std::vector<StreamSeq>& out) {
  constexpr std::uint64_t run_max = 1'000'000;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    std::uint64_t first = 0;
    auto result = std::from_chars(at, end, first);
    std::uint64_t last = first;
    if (result.ec == std::errc{} && result.ptr != end && *result.ptr == '-') {
      result = std::from_chars(result.ptr + 1, end, last);
    }
    const bool behind = out.empty() || first > out.back().value;
    if (result.ec != std::errc{} || !behind || last < first || last - first > run_max ||
        out.size() > run_max) {
      return false;
    }
    for (; first <= last; ++first) {
      out.push_back({first});
    }
    at = result.ptr;
    if (at != end && *at++ != ',') {
      return false;
    }
  }
  return true;
}

}  // namespace

std::string two_way_state_json(const TwoWayState& state) {
  Json json = Json::object();
  json["stream_identity"] = state.stream_identity;
  json["settings"] = state.settings;
  json["hub_created"] = state.hub_created;
  json["hub_id"] = state.hub_id;
  json["lineage"] = state.lineage;
  json["position"] = state.position.value;
  json["at_local"] = state.at_local.value;
  json["position_time"] = state.position_time;
  json["position_subject"] = state.position_subject;
  json["scanned"] = state.scanned.value;
  json["open"] = runs_text(state.open);
  json["ahead"] = runs_text(state.ahead);
  json["looks"] = state.looks;
  json["conflicts"] = state.conflicts;
  json["compare"] = state.compare;
  json["reseed"] = state.reseed;
  if (state.surplus) {
    json["surplus"] = *state.surplus;
  }
  json["refused"] = state.refused;
  json["overruled"] = state.overruled;
  json["last_error"] = state.last_error;
  return wire::print_json(json);
}

std::optional<TwoWayState> two_way_state_parse(std::string_view text) {
  Json json;
  if (!wire::parse_json(text, json).empty() || !json.is_object()) {
    return std::nullopt;
  }
  TwoWayState state;
  std::string error, open, ahead;
  wire::ObjectReader reader(json, "TwoWayState", error);
  reader.read("stream_identity", state.stream_identity);
  reader.read("settings", state.settings);
  reader.read("hub_created", state.hub_created);
  reader.read("hub_id", state.hub_id);
  reader.read("lineage", state.lineage);
  reader.read("position", state.position.value);
  reader.read("at_local", state.at_local.value);
  reader.read("position_time", state.position_time);
  reader.read("position_subject", state.position_subject);
  reader.read("scanned", state.scanned.value);
  reader.read("open", open);
  reader.read("ahead", ahead);
  reader.read("looks", state.looks);
  reader.read("conflicts", state.conflicts);
  reader.read("compare", state.compare);
  reader.read("reseed", state.reseed);
  if (json.contains("surplus")) {
    reader.read("surplus", state.surplus.emplace(0));
  }
  reader.read("refused", state.refused);
  reader.read("overruled", state.overruled);
  reader.read("last_error", state.last_error);
  if (!error.empty() || !read_runs(open, state.open) || !read_runs(ahead, state.ahead)) {
    return std::nullopt;
  }
  return state;
}

}  // namespace frond::sync
