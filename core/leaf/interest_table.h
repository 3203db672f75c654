#pragma once
// What this node wants to hear, counted by who wants it. The router reports every change of
// interest once; this table keeps the sums and passes changes on to the links, which announce them
// as LS+ and LS-. A link that joins later reads the whole table. Between route and leaf_session;
// one per engine, made before the first subscription and registered with
// Router::set_interest_listener.

#include "route/router.h"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace frond::leaf {

/// Members behind one subject and queue, by the kind of sink that subscribed.
struct Weights {
  std::array<std::uint64_t, 4> by_kind{};  ///< Indexed by route::SinkKind.
  std::uint64_t of(route::SinkKind kind) const { return by_kind[static_cast<std::size_t>(kind)]; }
  bool none() const { return by_kind == std::array<std::uint64_t, 4>{}; }
};

class InterestTable final : public route::InterestListener {
 public:
  /// A link that announces changes to its other end.
  class Observer {
   public:
    virtual ~Observer() = default;
    virtual void interest_now(std::string_view subject, std::string_view queue,
                              const Weights& weights) = 0;
  };

  void interest_changed(std::string_view subject, std::string_view queue, route::SinkKind kind,
                        std::uint64_t weight) override;

  void add(Observer& observer) { observers_.push_back(&observer); }
  void remove(Observer& observer) { std::erase(observers_, &observer); }
  /// Tells the observers again: something outside the table (the set of synced subjects) changed
  /// what of it may be announced.
  void refresh(std::string_view subject) const;
  void each(const std::function<void(std::string_view subject, std::string_view queue,
                                     const Weights& weights)>& visit) const;

 private:
  using Key = std::pair<std::string, std::string>;  // Subject, queue.
  std::map<Key, Weights> entries_;
  std::vector<Observer*> observers_;
};

}  // namespace frond::leaf
