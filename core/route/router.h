#pragma once
// Who gets a message. The router holds every subscription of the node in a subject trie and carries
// a published message to the matching sinks: all plain ones, one member of each queue group (local
// members before links, SU-04), and each link once. It stands between session and everything that
// listens; it never looks into messages. One per engine, same lifetime.

#include "base/message.h"
#include "base/outlet.h"
#include "route/publication.h"
#include "route/sink.h"

#include <frond/host.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

namespace frond::route {

/// Told when the node's interest changes, so that links can announce it (LS+/LS-).
class InterestListener {
 public:
  virtual ~InterestListener() = default;
  /// The subscriptions of `subject` (and `queue`, may be empty) from sinks of `kind` now weigh
  /// `weight` in total; 0 means the last one is gone. Called once per change.
  virtual void interest_changed(std::string_view subject, std::string_view queue, SinkKind kind,
                                std::uint64_t weight) = 0;
};

class Router {
 public:
  explicit Router(Entropy& entropy);
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  /// All five may be called from inside a delivery; a subscription removed there gets nothing more.
  SubscriptionId subscribe(Sink& sink, std::string_view subject, std::string_view queue = {},
                           std::string_view sid = {}, std::uint32_t weight = 1);
  /// Private correspondence of the node itself: what comes on the subject reaches this sink and
  /// nobody else, whatever they have subscribed to. Links announce it like any other interest.
  SubscriptionId subscribe_alone(Sink& sink, std::string_view subject);
  void set_weight(SubscriptionId id, std::uint32_t weight);
  void unsubscribe(SubscriptionId id);
  void remove_sink(const Sink& sink);

  /// Delivers and returns how many sinks got it (a link counts as one). Rules: a message from the
  /// hub never goes to the hub, one from a leaf never back to that leaf. A publish from inside a
  /// delivery is copied, queued and runs when the outermost is done, first in first out; the return
  /// value then only says whether interest exists (0 or 1).
  std::size_t publish(const Publication& publication);

  /// Delivers to the first plain subscription of `sink` alone that matches `target`: a session's
  /// own "no responders" status (CP-12). False when it has none.
  bool deliver_to(const Sink& sink, std::string_view target, const base::Message& message);

  /// During a delivery: who published the message; null for the engine itself. A sink that treats
  /// messages of a link differently asks here.
  const Sink* publisher() const;

  /// Whether any sink (links included) wants this literal subject.
  bool has_interest(std::string_view subject) const;
  /// How an answer (Publication::answer) to this literal subject would fare: whether it reaches any
  /// sink, and whether any of those has room (Sink::has_room). The slowest does not hold up the
  /// others: it is ended when it falls too far behind.
  base::Reach reach(std::string_view subject) const;
  /// As reach(), whatever waits for the readers: whether somebody reads answers to this subject. A
  /// stream that stores them does not.
  bool has_reader(std::string_view subject) const;
  /// As has_interest(), counting only subscriptions not of `kind`.
  bool has_interest_beside(std::string_view subject, SinkKind kind) const;
  std::size_t subscription_count() const;
  /// Every distinct subject and queue with its weight, of sinks that are not of kind `except`:
  /// what a new link announces first.
  void each_interest(SinkKind except,
                     const std::function<void(std::string_view subject, std::string_view queue,
                                              std::uint64_t weight)>& visit) const;
  void set_interest_listener(InterestListener* listener);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace frond::route
