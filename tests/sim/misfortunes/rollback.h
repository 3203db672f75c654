#pragma once
// A disk that forgets its latest commits: the power goes with relaxed durability, or somebody
// restores a backup. What was acknowledged since then is lost and the model knows it; what is
// stored afterwards, under sequences that are used a second time, must arrive like anything else.

#include "sim/misfortune.h"

namespace frond::sim {

class Rollback final : public Misfortune {
 public:
  using Misfortune::Misfortune;
  void strike() override;

 private:
  void forget(Place& place, const SimStorage::Files& image, const Checkers::Memory& memory);
};

}  // namespace frond::sim
