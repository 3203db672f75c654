#pragma once
// Files that can never be written again, among others that can: every commit that touches one
// fails, for ever. The rest of the node goes on. An application also asks for a consumer whose name
// is as long as names may be, which a file system that bounds names must not be asked to keep.

#include "sim/misfortune.h"

namespace frond::sim {

class BadPath final : public Misfortune {
 public:
  using Misfortune::Misfortune;
  void prepare() override;
  void strike() override;
};

}  // namespace frond::sim
