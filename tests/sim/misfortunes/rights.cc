#include "sim/misfortunes/rights.h"

namespace frond::sim {

using std::chrono::minutes;
using std::chrono::seconds;

void Rights::strike() {
  const unsigned mine = ++taken_;
  hub().node->change_leaf_rights([this](User& leaf) {
    leaf.publish = {};
    leaf.subscribe = {};
    switch (scene_.fate.below(4)) {
      case 0:
        leaf.publish.deny = {"out.>"};
        break;
      case 1:
        leaf.publish.deny = {"$JS.hub.API.>", "$JS.API.>"};
        break;
      case 2:
        leaf.subscribe.deny = {"_INBOX.>"};
        break;
      default:
        leaf.publish.deny = {"out.>"};
        leaf.subscribe.deny = {"feed.>", "core.>"};
        break;
    }
  });
  scene_.around.trace.event("hub", "takes rights from its leafs");
  const Duration lasts = scene_.fate.chance(60) ? scene_.fate.duration(seconds(1), seconds(20))
                                                : scene_.fate.duration(seconds(20), minutes(4));
  scene_.around.scheduler.after(lasts, [this, mine] {
    if (mine == taken_ && !over_) give_back();
  });
}

void Rights::give_back() {
  if (lying(Lie::rights_withheld)) return;
  scene_.around.trace.event("hub", "gives the rights back");
  hub().node->change_leaf_rights([](User& leaf) {
    leaf.publish = {};
    leaf.subscribe = {};
  });
  const auto forgive = [this] { checkers().hub_refused(); };
  forgive();
  // Links that were told of the old rights may take a moment to hear of the new ones.
  scene_.around.scheduler.after(seconds(45), forgive);
}

void Rights::heal() {
  Misfortune::heal();
  if (taken_ > 0) give_back();
}

}  // namespace frond::sim
