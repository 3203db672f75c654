#include "leaf/link_status.h"

#include "base/time_text.h"
#include "wire/json_reader.h"

#include <array>
#include <nlohmann/json.hpp>

namespace frond::leaf {

std::string_view link_state_name(LinkState state) {
  static constexpr std::array names = {std::string_view("none"),       std::string_view("offline"),
                                       std::string_view("connecting"), std::string_view("online"),
                                       std::string_view("refused"),    std::string_view("paused")};
  return names[static_cast<std::size_t>(state)];
}

std::string link_status_json(const LinkStatus& status, const base::Clock& clock) {
  wire::Json json = wire::Json::object();
  json["state"] = link_state_name(status.state);
  if (!status.code.empty()) {
    json["code"] = status.code;
    json["cause"] = status.cause;
  }
  json["since"] = base::rfc3339_format(clock.wall(status.since));
  if (status.attempts > 0) {
    json["attempts"] = status.attempts;
  }
  if (status.next != kNever) {
    json["next"] = base::rfc3339_format(clock.wall(status.next));
  }
  if (!status.url.empty()) {
    json["url"] = status.url;
  }
  if (!status.hub_name.empty()) {
    json["hub"] = {{"name", status.hub_name}, {"version", status.hub_version}};
    if (!status.hub_domain.empty()) {
      json["hub"]["domain"] = status.hub_domain;
    }
  }
  return wire::print_json(json);
}

}  // namespace frond::leaf
