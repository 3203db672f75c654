#pragma once
// The messages of a forwarder that have been sent and are not behind the ack floor yet: which wait
// for the hub's ack, which must be sent again, which are settled and only wait for their
// predecessors. Plain bookkeeping between forward and its ledger; lives as long as its forwarder.

#include <frond/types.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace frond::sync {

/// Where a message stands at the hub.
struct HubPlace {
  std::string stream;
  StreamSeq sequence;
  std::string id;  ///< Its Nats-Msg-Id behind the prefix.
};

/// One step of the ack floor; no place when the hub refused the message or it was deleted here.
struct SettledFlight {
  StreamSeq sequence;
  std::optional<HubPlace> place;
};

class ForwardFlights {
 public:
  /// Sent now, perhaps not for the first time; `id` is its Nats-Msg-Id behind the prefix.
  void sent(StreamSeq sequence, std::string id, std::size_t bytes, Instant now);
  /// Its fate is known. A message that is not here is added. A place without an id gets that of the
  /// flight.
  void settle(StreamSeq sequence, std::optional<HubPlace> place);
  /// Waits no longer, and whether the hub has it is not known.
  void doubt(StreamSeq sequence) { change(sequence, State::unsure); }
  /// Waits no longer: it is being put elsewhere.
  void leave_out(StreamSeq sequence) { change(sequence, State::left_out); }
  bool left_out(StreamSeq sequence) const { return is(sequence, State::left_out); }
  /// Waits no longer and must be sent again.
  void send_again(StreamSeq sequence);
  /// As above, and as if it had never been sent: its id is another one now.
  void send_anew(StreamSeq sequence);
  /// All that wait or are in doubt must be sent again. `blind`: not because they are not there, but
  /// since the hub would not store them twice now.
  void send_unknown_again(bool blind = false);
  /// Those that were to be sent again blindly, and were not: they are in doubt as before.
  void doubt_blind();
  /// The next flight below `end` that is settled with all before it settled too; it leaves.
  std::optional<SettledFlight> take_settled(StreamSeq end);

  bool known(StreamSeq sequence) const { return flights_.contains(sequence); }
  bool waits(StreamSeq sequence) const { return is(sequence, State::waiting); }
  bool must_go_again(StreamSeq sequence) const { return is(sequence, State::again); }
  bool settled(StreamSeq sequence) const { return is(sequence, State::settled); }
  bool stored(StreamSeq sequence) const;  ///< At the hub, and still here.
  bool unsure(StreamSeq sequence) const { return is(sequence, State::unsure); }
  /// All that wait or are in doubt.
  std::vector<StreamSeq> unknown() const;
  /// Its Nats-Msg-Id behind the prefix; empty when it was not sent in this life.
  std::string id_of(StreamSeq sequence) const;
  std::vector<StreamSeq> from_last() const;
  bool sent_once(StreamSeq sequence) const { return sent_once_at(sequence).has_value(); }
  bool empty() const { return flights_.empty(); }
  std::size_t size() const { return flights_.size(); }
  StreamSeq last() const { return flights_.empty() ? StreamSeq{} : flights_.rbegin()->first; }
  /// The first that must be sent again, at or after `from`.
  std::optional<StreamSeq> first_again(StreamSeq from) const;

  std::uint64_t waiting() const { return waiting_; }
  std::uint64_t unsure() const { return unsure_; }
  std::size_t waiting_bytes() const { return waiting_bytes_; }
  std::uint64_t settled_ahead() const { return settled_; }
  /// The one that has waited longest and when it was sent; nothing when none waits.
  struct Oldest {
    StreamSeq sequence;
    Instant sent;
  };
  std::optional<Oldest> oldest() const {
    return by_age_.empty() ? std::nullopt : std::optional(by_age_.front());
  }
  /// When it was sent, if it was sent only once: then its ack tells the round trip.
  std::optional<Instant> sent_once_at(StreamSeq sequence) const;
  /// Whether every one that waits or is in doubt was first sent after `since`.
  bool all_first_sent_after(Instant since) const;

 private:
  enum class State : std::uint8_t { waiting, unsure, again, left_out, settled };
  struct Flight {
    State state = State::again;
    std::size_t bytes = 0;
    std::optional<Instant> first_sent;
    Instant sent{};
    bool repeated = false;  // Sent more than once.
    bool blind = false;     // To be sent again, though the hub may have it.
    std::string id;
    std::optional<HubPlace> place;
  };
  bool is(StreamSeq sequence, State state) const;
  // Keep the counts, which are asked for with every message that is sent.
  void leave(StreamSeq sequence, const Flight& flight);
  void enter(StreamSeq sequence, Flight& flight, State state);
  void change(StreamSeq sequence, State state);
  void trim_by_age();

  std::map<StreamSeq, Flight> flights_;
  std::set<StreamSeq> again_;
  std::deque<Oldest> by_age_;  // As they were sent; one that waits no longer leaves at the front.
  std::uint64_t waiting_ = 0;
  std::uint64_t unsure_ = 0;
  std::uint64_t settled_ = 0;
  std::size_t waiting_bytes_ = 0;
};

}  // namespace frond::sync
