#pragma once
// Carries one publication to what its subject matched: all plain subscriptions, one member of each
// queue group (local members before links, SU-04), and each link once, with the groups it was
// chosen for. Part of Router, which sees to it that there is one delivery at a time.

#include "route/publication.h"
#include "route/subscriptions.h"

#include <frond/host.h>

#include <cstddef>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace frond::route {

class Delivery {
 public:
  explicit Delivery(Entropy& entropy) : entropy_(entropy) {}

  /// How many sinks got it. `match` must stay as it is until then (Subscriptions::enter).
  std::size_t run(const Match& match, const Publication& publication);
  /// Who published what is being delivered; null for the engine itself.
  const Sink* publisher() const { return publisher_; }
  /// The sink is being destroyed, perhaps in the middle of a delivery.
  void forget(const Sink& sink);

 private:
  /// What one link gets of one message; the vectors are reused from message to message.
  struct Forward {
    Sink* sink = nullptr;  ///< Null when the link was removed meanwhile.
    bool plain = false;
    std::vector<std::string_view> queues;
  };

  std::size_t deliver_local(const Match& match, const Publication& publication);
  std::size_t deliver_groups(const Match& match, const Publication& publication);
  std::size_t deliver_links(const Publication& publication);
  bool deliver_member(const Match::Group& group, const Publication& publication);
  void choose_link(const Match::Group& group, const Publication& publication);
  Forward& forward_to(Sink& sink);
  Forward& add_forward(Sink& sink);

  Entropy& entropy_;
  const Sink* publisher_ = nullptr;
  std::vector<Forward> forwards_;
  std::size_t forward_count_ = 0;
  std::unordered_map<const Sink*, std::size_t> forward_places_;  // Only for many.
  std::vector<std::string_view> served_;                         // publication.queues, sorted.
};

}  // namespace frond::route
