#include "sim/misfortune.h"

#include "sim/misfortunes/bad_path.h"
#include "sim/misfortunes/deaf_api.h"
#include "sim/misfortunes/half_failures.h"
#include "sim/misfortunes/remake.h"
#include "sim/misfortunes/rights.h"
#include "sim/misfortunes/rollback.h"
#include "sim/misfortunes/rot.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace frond::sim {

namespace {

using Scene = Misfortune::Scene;
using Make = std::unique_ptr<Misfortune> (*)(Scene);

template <class Kind>
std::unique_ptr<Misfortune> make(Scene scene) {
  return std::make_unique<Kind>(scene);
}

struct KindOf {
  std::string_view name;
  Make make;
  /// False: only by --meet, as long as the engine does not hold under it.
  bool by_seed;
  std::array<Lie, 2> lies;  ///< Those that only it can tell.
};
constexpr std::array kinds{
    KindOf{"rollback", make<Rollback>, false, {Lie::rollback_untold, Lie::rollback_untold}},
    // With a path that fails for ever beside it, seed 16 loses a message that nobody damaged.
    KindOf{"rot", make<Rot>, false, {Lie::damage_untold, Lie::damage_untold}},
    KindOf{"half-failures", make<HalfFailures>, true, {Lie::failure_eats, Lie::failure_eats}},
    KindOf{"bad-path", make<BadPath>, true, {Lie::all_paths_bad, Lie::all_paths_bad}},
    KindOf{"remake", make<Remake>, false, {Lie::undelete, Lie::last_word_lost}},
    KindOf{"deaf-api", make<DeafApi>, true, {Lie::deaf_for_ever, Lie::deaf_for_ever}},
    KindOf{"unavailable",
           make<Unavailable>,
           false,
           {Lie::unavailable_for_ever, Lie::unavailable_for_ever}},
    // With a rollback beside it seed 1870 forwards twice: a device that wakes from before it sent
    // anything, at a hub that it may not read, past the hub's duplicate window.
    KindOf{"rights", make<Rights>, false, {Lie::rights_withheld, Lie::rights_withheld}},
};

}  // namespace

Place& Misfortune::any_device() {
  return *scene_.places[1 + static_cast<std::size_t>(scene_.fate.below(scene_.places.size() - 1))];
}

bool Misfortune::everything_created() const {
  return std::ranges::all_of(scene_.places, [](const auto& place) {
    return std::ranges::all_of(place->creators, [](const Creator* c) { return c->done(); });
  });
}

void Misfortune::with_node_down(Place& place, const std::function<void()>& then) {
  place.node->crash(scene_.fate.chance(50));
  then();
  const Duration away =
      scene_.fate.duration(std::chrono::milliseconds(50), std::chrono::seconds(9));
  scene_.around.scheduler.after(away, [node = place.node.get()] { node->start(); });
}

bool is_misfortune(std::string_view name) {
  return name == "none" ||
         std::ranges::any_of(kinds, [name](const KindOf& kind) { return kind.name == name; });
}

std::vector<std::unique_ptr<Misfortune>> misfortunes_of(std::uint64_t seed, std::string_view name,
                                                        Scene scene) {
  std::vector<std::unique_ptr<Misfortune>> met;
  const Lie lie = scene.around.lie;
  std::vector<const KindOf*> choice;
  for (const KindOf& kind : kinds) {
    const bool lied_about = std::ranges::find(kind.lies, lie) != kind.lies.end();
    if (lied_about || kind.name == name) met.push_back(kind.make(scene));
    if (kind.by_seed) choice.push_back(&kind);
  }
  constexpr std::uint64_t spared_every = 3;
  if (lie != Lie::none || !name.empty() || seed % spared_every == 0) return met;
  for (std::uint64_t left = scene.fate.chance(25) ? 2 : 1; left > 0 && !choice.empty(); --left) {
    const auto at = choice.begin() + static_cast<std::ptrdiff_t>(scene.fate.below(choice.size()));
    met.push_back((*at)->make(scene));
    choice.erase(at);
  }
  return met;
}

}  // namespace frond::sim
