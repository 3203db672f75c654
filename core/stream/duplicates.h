#pragma once
// The duplicate window of a stream (PB-03): which Nats-Msg-Ids were stored how recently, and where.
// A view of the log: rebuilt from the stored messages at recovery (PB-04). Owned by a stream.

#include <frond/types.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace frond::stream {

class Duplicates {
 public:
  /// Sequence under which this id was stored within the window; 0 when it is new.
  std::uint64_t find(std::string_view id, Instant now, Duration window);
  void add(std::string_view id, std::uint64_t sequence, Instant time);
  /// Forgets what has fallen out of the window.
  void expire(Instant now, Duration window);
  /// These messages were lost, so what is published again under their ids is new. Ascending.
  void forget(const std::vector<std::uint64_t>& sequences);
  void clear();
  bool empty() const { return by_id_.empty(); }
  /// When the oldest id falls out of the window; kNever when there is none.
  Instant next_expiry(Duration window) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  struct Seen {
    Instant time{};
    const std::string* id = nullptr;  // The map's key; nodes do not move.
  };
  std::unordered_map<std::string, std::uint64_t, Hash, std::equal_to<>> by_id_;
  std::deque<Seen> by_time_;
};

}  // namespace frond::stream
