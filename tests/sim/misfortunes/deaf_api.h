#pragma once
// A hub that lives and whose link stands, but whose API gives no answers for a while: requests or
// what comes back for them get lost, acks of forwarded messages among them.

#include "sim/misfortune.h"

namespace frond::sim {

class DeafApi final : public Misfortune {
 public:
  using Misfortune::Misfortune;
  void strike() override;
  void heal() override;
};

/// Makes the subjects of messages (LMSG) in these bytes of a leaf link unknown to everybody, of
/// those that are lost `way`; their length stays. `up`: the bytes go to the hub.
void lose_api(std::string& bytes, ApiWay way, bool up);

}  // namespace frond::sim
