#include "sim/misfortunes/half_failures.h"

namespace frond::sim {

void HalfFailures::prepare() {
  for (const auto& place : scene_.places) {
    place->node->disk().keep_of_failed(static_cast<unsigned>(scene_.fate.between(20, 90)));
  }
}

void HalfFailures::strike() {
  Place& place = any_place();
  if (!place.is_device() && !scene_.hub_disk_fails) return;
  place.node->fail_next_commits(static_cast<unsigned>(scene_.fate.between(1, 3)));
}

}  // namespace frond::sim
