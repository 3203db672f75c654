#pragma once
// A disk that flips a bit of a file that was durable, in a block of messages or in one of the small
// files (what a consumer has seen, how far a stream was forwarded or mirrored). A damaged block is
// reported and costs the record that was hit, or, at the very end of a stream, the group whose
// commit record was hit, or, when its header was hit, the block; everything else is served. A
// damaged small file costs no message.

#include "sim/misfortune.h"

namespace frond::sim {

class Rot final : public Misfortune {
 public:
  using Misfortune::Misfortune;
  void strike() override;

 private:
  void damage_block(Place& place);
  void damage_small_file(Place& place);
};

}  // namespace frond::sim
