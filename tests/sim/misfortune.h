#pragma once
// What may befall a run beyond the daily weather of faults.cc. Two of three worlds meet one or two
// kinds, by the seed's number. Each kind is a class in a file of its own under misfortunes/ and
// knows what it may cost: it tells the checkers what of the past it has undone (history.h), and
// nothing else may be missing, doubled or out of order. Made with the world, alive as long.

#include "sim/lie.h"
#include "sim/place.h"
#include "sim/random.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace frond::sim {

class Misfortune {
 public:
  struct Scene {
    Node::Surroundings around;
    Places& places;  ///< The hub is the first.
    Random& fate;    ///< Draws of its own, so that the daily weather stays what it was.
    bool hub_disk_fails;
  };

  explicit Misfortune(Scene scene) : scene_(scene) {}
  virtual ~Misfortune() = default;
  Misfortune(const Misfortune&) = delete;
  Misfortune& operator=(const Misfortune&) = delete;

  /// All places are furnished, nothing runs yet.
  virtual void prepare() {}
  /// Happens a few times in each episode.
  virtual void strike() = 0;
  /// The world heals: what does not pass by itself is undone.
  virtual void heal() { over_ = true; }
  /// Something that it began still goes on although the world has healed.
  virtual bool lingers() const { return false; }

 protected:
  Place& hub() { return *scene_.places.front(); }
  Place& any_place() { return *scene_.fate.pick(scene_.places); }
  Place& any_device();
  bool everything_created() const;
  /// The process dies, `then` happens to its disk, and some time later it starts again.
  void with_node_down(Place& place, const std::function<void()>& then);
  Checkers& checkers() { return scene_.around.checkers; }
  bool lying(Lie lie) const { return scene_.around.lie == lie; }

  Scene scene_;
  bool over_ = false;
};

/// The kinds that the world of this seed meets, or the one of this name ("none" for none); a lie
/// about one kind brings that kind.
std::vector<std::unique_ptr<Misfortune>> misfortunes_of(std::uint64_t seed, std::string_view name,
                                                        Misfortune::Scene scene);
bool is_misfortune(std::string_view name);

}  // namespace frond::sim
