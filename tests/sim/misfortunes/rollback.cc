#include "sim/misfortunes/rollback.h"

#include <memory>

namespace frond::sim {

using std::chrono::minutes;
using std::chrono::seconds;

void Rollback::strike() {
  if (!everything_created() || checkers().anything_in_limbo()) return;
  Place& place = any_place();
  const auto image = std::make_shared<SimStorage::Files>(place.node->disk().image());
  const auto memory = std::make_shared<Checkers::Memory>(checkers().remember(place.name()));
  const Duration lasts = scene_.fate.chance(50) ? scene_.fate.duration(seconds(1), seconds(20))
                                                : scene_.fate.duration(seconds(20), minutes(6));
  scene_.around.scheduler.after(lasts, [this, &place, image, memory] {
    if (!over_) forget(place, *image, *memory);
  });
}

void Rollback::forget(Place& place, const SimStorage::Files& image,
                      const Checkers::Memory& memory) {
  with_node_down(place, [&] {
    scene_.around.trace.event(place.name(), "forgets its latest commits");
    place.node->disk().restore(image);
    if (lying(Lie::rollback_untold)) return;
    checkers().rolled_back(place.name(), memory);
  });
}

}  // namespace frond::sim
