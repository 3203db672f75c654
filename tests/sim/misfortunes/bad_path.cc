#include "sim/misfortunes/bad_path.h"

#include <array>
#include <string>

namespace frond::sim {

void BadPath::prepare() {
  Place& place = any_device();
  const std::string name(scene_.fate.between(240, 255), 'n');
  place.add(place.creators, *place.second, "$JS.API.CONSUMER.CREATE.KV_conf." + name,
            R"({"stream_name":"KV_conf","config":{"name":")" + name + R"(","durable_name":")" +
                name +
                R"(","ack_policy":"explicit","deliver_policy":"all",)"
                R"("replay_policy":"instant"}})");
}

void BadPath::strike() {
  if (!everything_created() || scene_.fate.chance(60)) return;
  static constexpr std::array<const char*, 3> paths{"streams/KV_conf/", "streams/OUT/consumers/",
                                                    "streams/FEED/consumers/"};
  Place& place = any_device();
  const std::string path =
      lying(Lie::all_paths_bad) ? std::string("streams/") : paths[scene_.fate.below(paths.size())];
  scene_.around.trace.event(place.name(), "can never write again", path);
  place.node->disk().refuse_for_ever(path);
}

}  // namespace frond::sim
