#include "config_json.h"

#include <nlohmann/json.hpp>

#include <string>

namespace frond::wasm {
namespace {

std::string text_of(const nlohmann::ordered_json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::int64_t limit_of(const nlohmann::ordered_json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<std::int64_t>() : -1;
}

HubConfig hub_of(const nlohmann::ordered_json& hub) {
  return {.url = text_of(hub, "url"),
          .domain = text_of(hub, "domain"),
          .user = text_of(hub, "user"),
          .password = text_of(hub, "password"),
          .token = text_of(hub, "token"),
          .jwt = text_of(hub, "jwt")};
}

}  // namespace

Config config_from_json(std::string_view text) {
  const nlohmann::ordered_json options = nlohmann::ordered_json::parse(text, nullptr, false);
  Config config;
  if (!options.is_object()) return config;
  config.name = text_of(options, "name");
  config.domain = text_of(options, "domain");
  config.storage_bytes_max = limit_of(options, "storage_bytes_max");
  config.memory_bytes_max = limit_of(options, "memory_bytes_max");
  const auto hub = options.find("hub");
  // One without a URL is a hub that the app may name later: subjects are of a node that can have
  // one from the start.
  config.hub = hub != options.end() && hub->is_object() ? hub_of(*hub) : HubConfig{};
  return config;
}

std::optional<HubConfig> hub_from_json(std::string_view text) {
  const nlohmann::ordered_json hub = nlohmann::ordered_json::parse(text, nullptr, false);
  return hub.is_object() ? std::optional(hub_of(hub)) : std::nullopt;
}

}  // namespace frond::wasm
