#pragma once
// A hub that takes rights from its leafs while their links stand, and gives them back: to publish
// what they forward, to ask its API, to hear what they mirror. A message refused in between is
// skipped, by design; everything that is offered once the right is back arrives.

#include "sim/misfortune.h"

namespace frond::sim {

class Rights final : public Misfortune {
 public:
  using Misfortune::Misfortune;
  void strike() override;
  void heal() override;

 private:
  void give_back();
  unsigned taken_ = 0;  ///< How often; only the latest taking is undone.
};

}  // namespace frond::sim
