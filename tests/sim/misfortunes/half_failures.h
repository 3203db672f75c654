#pragma once
// Commits that fail, and of which the disk keeps a part all the same: a directory in which a rename
// or an append went through before the error came, a transaction whose success was reported as an
// error. A host puts back what it can, and sometimes it cannot.

#include "sim/misfortune.h"

namespace frond::sim {

class HalfFailures final : public Misfortune {
 public:
  using Misfortune::Misfortune;
  void prepare() override;
  void strike() override;
};

}  // namespace frond::sim
