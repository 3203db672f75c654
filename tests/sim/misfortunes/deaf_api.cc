#include "sim/misfortunes/deaf_api.h"

#include <string_view>

namespace frond::sim {

using std::chrono::minutes;
using std::chrono::seconds;

void lose_api(std::string& bytes, ApiWay way, bool up) {
  if (way == ApiWay::open || up != (way == ApiWay::requests_lost)) return;
  constexpr std::string_view verb = "LMSG ";
  for (std::size_t at = 0; (at = bytes.find(verb, at)) != std::string::npos;) {
    const bool starts_line = at == 0 || bytes[at - 1] == '\n';
    at += verb.size();
    if (!starts_line) continue;
    const std::string_view subject = std::string_view(bytes).substr(at);
    const bool ours = up ? subject.starts_with("$JS.hub.API.") || subject.starts_with("$JS.API.")
                         : !subject.starts_with("core.") && !subject.starts_with("$JS.");
    if (ours) bytes[at] = 'x';
  }
}

void DeafApi::strike() {
  Place& place = any_device();
  place.api_way = scene_.fate.chance(50) ? ApiWay::requests_lost : ApiWay::answers_lost;
  scene_.around.trace.event(place.name(), "is not heard by the hub's API");
  const Duration lasts = scene_.fate.chance(60) ? scene_.fate.duration(seconds(1), seconds(20))
                                                : scene_.fate.duration(seconds(20), minutes(4));
  scene_.around.scheduler.after(lasts, [this, &place] {
    if (!lying(Lie::deaf_for_ever)) place.api_way = ApiWay::open;
  });
}

void DeafApi::heal() {
  Misfortune::heal();
  for (const auto& place : scene_.places) {
    if (!lying(Lie::deaf_for_ever)) place->api_way = ApiWay::open;
  }
}

}  // namespace frond::sim
