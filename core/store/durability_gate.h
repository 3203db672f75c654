#pragma once
// Law 2 in one place: a reply that promises something leaves only after the commit it depends on
// has come back. PubAcks, double-ack replies, API answers and forward watermarks all wait here.
// Between stream/consumer/api/sync and the outlet; one per engine.

#include "base/outlet.h"
#include "store/journal.h"

#include <frond/types.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace frond::store {

/// An owned message that waits.
struct Reply {
  std::string target;
  std::string header;
  std::string payload;
};

class DurabilityGate {
 public:
  DurabilityGate(Journal& journal, base::Outlet& outlet) : journal_(journal), outlet_(outlet) {}

  /// Sends `reply` once `ticket` is durable: at once when it already is. When the commit fails
  /// `refusal` is sent in its place (nothing, when its target is empty).
  void hold(Ticket ticket, Reply reply, Reply refusal);
  /// Runs `action(true)` once the ticket is durable, `action(false)` when it failed.
  void hold(Ticket ticket, std::function<void(bool durable)> action);

  /// The engine calls these after Journal::completed and Journal::failed.
  void release();
  void refuse(Ticket last_lost);
  bool empty() const { return waiting_.empty(); }
  /// What the replies that wait take.
  std::uint64_t waiting_bytes() const { return waiting_bytes_; }

 private:
  struct Waiting {
    Reply reply;
    Reply refusal;
    std::function<void(bool)> action;

    std::uint64_t bytes() const;
  };
  using Queue = std::map<Ticket, std::deque<Waiting>>;

  void insert(Ticket ticket, Waiting waiting);
  /// Takes the oldest of the lowest ticket out; a call may add more.
  Waiting take_first();

  Journal& journal_;
  base::Outlet& outlet_;
  std::uint64_t waiting_bytes_ = 0;
  Queue waiting_;  // In the order in which they came, by ticket; no ticket without any.
};

}  // namespace frond::store
