#pragma once
// How much interest there is in each subject and queue group, by kind of sink: what links announce
// to the other side. Counts only; who is behind them is in route/subscriptions.h. Part of Router.

#include "route/sink.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace frond::route {

class Interest {
 public:
  /// Weights by SinkKind. What one link announces has nine digits at most, so that a sum over all
  /// links that there can be is exact, and what was added can be taken away again.
  using Weights = std::array<std::uint64_t, 4>;

  /// Adds to the weight of a subject and queue for one kind; the new weight of that kind.
  std::uint64_t add(std::string_view subject, std::string_view queue, SinkKind kind,
                    std::uint32_t weight);
  /// Takes away from it; an entry without any weight left is forgotten.
  std::uint64_t remove(std::string_view subject, std::string_view queue, SinkKind kind,
                       std::uint32_t weight);

  /// visit(subject, queue, weight) for everything but what `except` alone wants, in order of
  /// subjects, so that two runs announce the same bytes.
  template <class Visit>
  void each(SinkKind except, Visit&& visit) const {
    for (const auto& [key, weights] : entries_) {
      std::uint64_t total = 0;
      for (std::size_t kind = 0; kind < weights.size(); ++kind) {
        total += kind == static_cast<std::size_t>(except) ? 0 : weights[kind];
      }
      if (total > 0) {
        visit(std::string_view(key.subject), std::string_view(key.queue), total);
      }
    }
  }

 private:
  struct View {
    std::string_view subject, queue;
    auto operator<=>(const View&) const = default;
  };
  struct Key {
    std::string subject, queue;
    View view() const { return {subject, queue}; }
  };
  struct Less {
    using is_transparent = void;
    bool operator()(const Key& a, const Key& b) const { return a.view() < b.view(); }
    bool operator()(const Key& a, const View& b) const { return a.view() < b; }
    bool operator()(const View& a, const Key& b) const { return a < b.view(); }
  };
  std::map<Key, Weights, Less> entries_;
};

}  // namespace frond::route
