#pragma once
// One consumer: what one reader of a stream has seen, is being sent and has acknowledged. Messages
// come out of its stream::Stream, never past durable_last(), and leave through base::Outlet to a
// waiting pull request or to the deliver subject; acknowledgements, pulls and flow control come in
// through consumer::Consumers and api. No I/O, no clock: every input carries `now`, and pump() does
// what has become possible. Owned by Consumers from create to delete.

#include "base/message.h"
#include "base/outlet.h"
#include "consumer/config.h"
#include "consumer/pull_queue.h"
#include "consumer/state.h"
#include "store/durability_gate.h"
#include "store/journal.h"
#include "stream/stream.h"

#include <frond/host.h>
#include <frond/types.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace frond::consumer {

/// What all consumers of a node share; outlives them.
struct Environment {
  store::Journal& journal;
  store::DurabilityGate& gate;
  base::Outlet& outlet;
  Entropy& entropy;
  std::string domain;  ///< JetStream domain for advisories; may be empty.
};

/// ConsumerInfo of the API, without what is in the config.
struct ConsumerInfo {
  ConsumerSeq delivered_consumer;
  StreamSeq delivered_stream;
  std::optional<Instant> delivered_last;
  ConsumerSeq floor_consumer;
  StreamSeq floor_stream;
  std::optional<Instant> floor_last;
  std::uint64_t ack_pending = 0;
  std::uint64_t redelivered = 0;
  std::uint64_t waiting = 0;
  std::uint64_t pending = 0;
  bool push_bound = false;
  bool paused = false;
  Duration pause_remaining{0};
};

/// What an ack subject says (AK-03, AK-04); empty when it is malformed.
struct AckSubject {
  std::uint64_t deliveries = 0;
  StreamSeq stream;
  ConsumerSeq consumer;
};
std::optional<AckSubject> parse_ack_subject(std::string_view subject);

class Consumer {
 public:
  /// `config` has its defaults and has been checked. Starts at the place its policy names, or at
  /// `restored`.
  Consumer(stream::Stream& stream, Environment& environment, ConsumerConfig config,
           std::string name, Instant created, std::optional<ConsumerState> restored, Instant now);
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  const std::string& name() const { return name_; }
  const ConsumerConfig& config() const { return config_; }
  Instant created() const { return created_; }
  stream::Stream& stream() const { return stream_; }
  /// Also drops dead pull requests and positions of messages that are gone.
  ConsumerInfo info(Instant now);
  /// A push consumer whose deliver subject somebody wants.
  bool active() const { return active_; }
  /// Whether its config and state are kept on disk (CC-26).
  bool persistent() const { return persistent_; }

  /// A message on `$JS.ACK.<stream>.<consumer>.>` (or its v2 form).
  void on_ack(const base::Message& message, Instant now);
  /// A message on `$JS.FC.<stream>.<consumer>.>`.
  void on_flow_control(const base::Message& message, Instant now);
  /// CONSUMER.MSG.NEXT: `reply` is where messages go, `body` as in nats-features 9.
  void on_pull(std::string_view reply, std::string_view body, Instant now);

  /// The stream has more to read, or lost messages, or went back to what its files say.
  void on_messages();
  void on_removed() { removed_ = true; }
  void on_reloaded(Instant now);
  /// CC-22: takes over a config that config_check has allowed.
  void update(ConsumerConfig config, Instant now);

  /// Expires ack waits, requests and pauses, sends heartbeats, delivers what can be delivered.
  /// False when the consumer has been inactive for too long and must be deleted (CC-17).
  bool pump(Instant now);
  Instant next_deadline() const;

  /// Tells waiting pulls: "409 Consumer Deleted", "409 Server Shutdown" (PL-09, PL-10).
  void end_pulls_deleted();
  void end_pulls_shutdown();

  /// Writes the state into the journal when it has changed and it is time, or `force`.
  void save(Instant now, bool force);
  /// The commit with the last write was lost: write again.
  void saved_lost() { dirty_ = persistent_; }
  ConsumerState state() const;

 private:
  friend class Delivery;
  struct Next;

  // start.cc
  void select_start();
  void recount();
  void clamp_to_stream();
  // delivery.cc
  void deliver_available(Instant now);
  bool may_deliver(Instant now) const;
  std::optional<Next> next_message(Instant now);
  std::optional<Next> next_redelivery(Instant now);
  std::optional<Next> next_new();
  void undo(const Next& next);
  void deliver(const Next& next, std::string_view target, std::string_view ack_reply,
               std::string_view header, std::string_view payload, std::size_t size, Instant now);
  std::string ack_reply(const Next& next) const;
  void track(StreamSeq sequence, ConsumerSeq delivery, Instant now);
  // acks.cc
  bool acknowledge(const AckSubject& ack, Instant now);
  void negative(const AckSubject& ack, std::string_view argument, Instant now);
  void terminate(const AckSubject& ack, std::string_view reason, Instant now);
  void confirm(std::string_view reply, Instant now);
  void move_floor(ConsumerSeq delivery, StreamSeq sequence);
  void expire_acks(Instant now);
  Duration wait_of(StreamSeq sequence) const;
  bool exhausted(StreamSeq sequence, Instant now);
  void forget_removed(Instant now);
  void requeue(StreamSeq sequence);
  void unqueue(StreamSeq sequence);
  // pulls.cc
  std::optional<PullRequest> next_request(std::size_t size, Instant now);
  void process_requests(bool end_of_stream, Instant now);
  void status(std::string_view target, std::string_view line, std::string_view reply = {});
  void heartbeat(std::string_view target);
  // push.cc
  void refresh_interest(Instant now);
  void request_flow_control();
  void count_pushed(std::size_t size);
  // advisory.cc
  void advise_exceeded(StreamSeq sequence, std::uint64_t deliveries, Instant now);
  void advise_naked(const AckSubject& ack, Instant now);
  void advise_terminated(const AckSubject& ack, std::string_view reason, Instant now);

  bool paused(Instant now) const { return config_.pause_until && now < *config_.pause_until; }
  std::uint64_t deliveries(StreamSeq sequence) const;

  stream::Stream& stream_;
  Environment& environment_;
  ConsumerConfig config_;
  std::string name_;
  Instant created_;
  std::vector<std::string> filters_;
  bool persistent_ = false;

  // Position.
  StreamSeq next_stream_{1};
  ConsumerSeq next_consumer_{1};
  ConsumerSeq floor_consumer_;
  StreamSeq floor_stream_;
  std::map<StreamSeq, Pending> pending_;
  std::map<StreamSeq, std::uint64_t> redelivered_;
  std::deque<StreamSeq> redeliver_;        // In the order they go out again.
  std::set<StreamSeq> redeliver_members_;  // The same, for look-up.
  std::deque<StreamSeq> skip_list_;        // last_per_subject: what remains of the first pass.
  StreamSeq skip_resume_;                  // And where plain reading goes on after it.
  std::optional<Instant> delivered_last_;
  std::optional<Instant> floor_last_;

  // How many messages match between next_stream_ and counted_to_ (kept as they come and go).
  std::uint64_t num_pending_ = 0;
  StreamSeq counted_to_;
  bool removed_ = false;

  // Timers.
  Instant ack_deadline_ = kNever;
  Instant heartbeat_at_ = kNever;
  Instant inactive_at_ = kNever;
  Duration inactive_after_{0};
  bool more_ = false;  // The delivery budget of one pump was used up.

  // Pull and push.
  PullQueue pulls_;
  bool active_ = false;
  std::string flow_id_;  // Reply subject of the flow control request in the air.
  std::int64_t flow_window_ = 0;
  std::int64_t flow_bytes_ = 0;
  std::int64_t flow_asked_ = 0;

  // Original replay and rate limit.
  bool replaying_ = false;
  StreamSeq replay_until_;
  std::optional<Instant> replay_last_;
  Instant not_before_{};

  // Disk.
  bool dirty_ = false;
  Instant saved_at_{};
};

}  // namespace frond::consumer
