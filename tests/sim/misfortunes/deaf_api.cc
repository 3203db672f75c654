#include "sim/misfortunes/deaf_api.h"

#include <algorithm>
#include <string_view>

namespace frond::sim {

using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr std::string_view refusal =
    R"({"error":{"code":503,"err_code":10008,"description":"unavailable"}})";

/// Whether the message of which these are the first bytes is not to come through as it is.
bool concerned(std::string_view subject, ApiWay way, bool up) {
  if (way == ApiWay::refused) return !up && subject.starts_with("$JSC.R.");
  if (up != (way == ApiWay::requests_lost)) return false;
  return up ? subject.starts_with("$JS.hub.API.") || subject.starts_with("$JS.API.")
            : !subject.starts_with("core.") && !subject.starts_with("$JS.");
}

/// Another payload of the same length.
void refuse(std::string& bytes, std::size_t subject_at) {
  const std::size_t line_end = bytes.find("\r\n", subject_at);
  if (line_end == std::string::npos) return;
  const std::size_t begin = line_end + 2;
  const std::size_t end = bytes.find("\r\n", begin);
  if (end == std::string::npos || end - begin < refusal.size()) return;
  bytes.replace(begin, refusal.size(), refusal);
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(begin + refusal.size()),
            bytes.begin() + static_cast<std::ptrdiff_t>(end), ' ');
}

}  // namespace

void lose_api(std::string& bytes, ApiWay way, bool up) {
  if (way == ApiWay::open) return;
  // LMSG and HMSG.
  constexpr std::string_view verb = "MSG ";
  for (std::size_t at = 0; (at = bytes.find(verb, at)) != std::string::npos;) {
    const bool starts_line = at == 1 || (at > 1 && bytes[at - 2] == '\n');
    at += verb.size();
    if (!starts_line || !concerned(std::string_view(bytes).substr(at), way, up)) continue;
    if (way == ApiWay::refused) {
      refuse(bytes, at);
    } else {
      bytes[at] = 'x';
    }
  }
}

void DeafApi::strike() {
  begin(scene_.fate.chance(50) ? ApiWay::requests_lost : ApiWay::answers_lost,
        "is not heard by the hub's API");
}

void DeafApi::begin(ApiWay way, std::string_view what) {
  Place& place = any_device();
  place.api_way = way;
  scene_.around.trace.event(place.name(), what);
  const Duration lasts = scene_.fate.chance(60) ? scene_.fate.duration(seconds(1), seconds(20))
                                                : scene_.fate.duration(seconds(20), minutes(4));
  scene_.around.scheduler.after(lasts, [this, &place] {
    if (!stays()) place.api_way = ApiWay::open;
  });
}

bool DeafApi::stays() const {
  return lying(Lie::deaf_for_ever) || lying(Lie::unavailable_for_ever);
}

void DeafApi::heal() {
  Misfortune::heal();
  for (const auto& place : scene_.places) {
    if (!stays()) place->api_way = ApiWay::open;
  }
}

}  // namespace frond::sim
