#pragma once
// The messages that a consumer will deliver again, in the order in which they became due. Each is
// in it once, and is found and taken out by its sequence as fast as from the front: thousands of
// late acks must not cost thousands of walks. Pure bookkeeping; acks.cc and delivery.cc decide.

#include <frond/types.h>

#include <cstddef>
#include <cstdint>
#include <map>

namespace frond::consumer {

class RedeliveryQueue {
 public:
  bool empty() const { return order_.empty(); }
  std::size_t size() const { return order_.size(); }
  StreamSeq front() const { return order_.begin()->second; }
  bool contains(StreamSeq sequence) const { return places_.contains(sequence); }

  /// Behind all others; one that is queued keeps its place.
  void push(StreamSeq sequence) {
    if (places_.emplace(sequence, next_place_).second) {
      order_.emplace(next_place_++, sequence);
    }
  }
  void remove(StreamSeq sequence) {
    if (const auto place = places_.find(sequence); place != places_.end()) {
      order_.erase(place->second);
      places_.erase(place);
    }
  }
  void remove_up_to(StreamSeq last) {
    while (!places_.empty() && places_.begin()->first <= last) {
      remove(places_.begin()->first);
    }
  }
  void remove_above(StreamSeq last) {
    while (!places_.empty() && places_.rbegin()->first > last) {
      remove(places_.rbegin()->first);
    }
  }
  void clear() {
    order_.clear();
    places_.clear();
  }

 private:
  std::uint64_t next_place_ = 0;
  std::map<std::uint64_t, StreamSeq> order_;
  std::map<StreamSeq, std::uint64_t> places_;
};

}  // namespace frond::consumer
