#pragma once
// A hub that lives and whose link stands, but whose API gives no answers for a while: requests or
// what comes back for them get lost, acks of forwarded messages among them.

#include "sim/misfortune.h"

#include <string>
#include <string_view>

namespace frond::sim {

class DeafApi : public Misfortune {
 public:
  using Misfortune::Misfortune;
  void strike() override;
  void heal() override;

 protected:
  void begin(ApiWay way, std::string_view what);

 private:
  bool stays() const;
};

/// A hub that lives and says 503 to all that sync asks of its API: its JetStream is just starting,
/// moving, or out of resources.
class Unavailable final : public DeafApi {
 public:
  using DeafApi::DeafApi;
  void strike() override { begin(ApiWay::refused, "hears that the hub is not available"); }
};

/// What a link does to these bytes: makes the subjects of messages (LMSG) in these bytes of a leaf
/// link unknown to everybody, of those that are lost `way`, or an answer a refusal; their length
/// stays. `up`: the bytes go to the hub.
void lose_api(std::string& bytes, ApiWay way, bool up);

}  // namespace frond::sim
