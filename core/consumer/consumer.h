#pragma once
// One consumer: what one reader of a stream has seen, is being sent and has acknowledged. Messages
// come out of its stream::Stream, never past durable_last(), and leave through base::Outlet to a
// waiting pull request or to the deliver subject; acknowledgements, pulls and flow control come in
// through consumer::Consumers and api. No I/O, no clock: every input carries `now`, and pump() does
// what has become possible. Owned by Consumers from create to delete.

#include "base/message.h"
#include "consumer/config.h"
#include "consumer/environment.h"
#include "consumer/files.h"
#include "consumer/pull_queue.h"
#include "consumer/redelivery_queue.h"
#include "consumer/state.h"
#include "store/journal.h"
#include "stream/stream.h"

#include <frond/host.h>
#include <frond/types.h>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace frond::consumer {

/// ConsumerInfo of the API, without what is in the config.
struct ConsumerInfo {
  ConsumerSeq delivered_consumer;
  StreamSeq delivered_stream;
  std::optional<WallTime> delivered_last;
  ConsumerSeq floor_consumer;
  StreamSeq floor_stream;
  std::optional<WallTime> floor_last;
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
  /// `restored`. One that was made earlier and has nothing to restore has lost its state: it
  /// starts early enough to lose no message that came since it was made.
  Consumer(stream::Stream& stream, Environment& environment, ConsumerConfig config,
           std::string name, WallTime created, ConsumerFiles files,
           std::optional<ConsumerState> restored, Instant now);
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  const std::string& name() const { return name_; }
  const ConsumerConfig& config() const { return config_; }
  const subject::FilterSet& filters() const { return filters_; }
  /// The node's consumers in the order in which they were made.
  std::uint64_t order() const { return order_; }
  WallTime created() const { return created_; }
  stream::Stream& stream() const { return stream_; }
  /// Also drops dead pull requests and positions of messages that are gone.
  ConsumerInfo info(Instant now);
  /// A push consumer whose deliver subject somebody wants.
  bool active() const { return active_; }
  /// Whether its config and state are kept on disk (CC-26).
  bool persistent() const { return persistent_; }

  /// "<scope><stream>.<consumer>": what its `$JS.ACK.` and `$JS.FC.` subjects go on with. The scope
  /// is "<domain>.<account hash>." where acks name the node, and empty for a consumer without acks:
  /// older servers that mirror by one read only the short form.
  std::string reply_name() const;
  /// A message on `$JS.ACK.<reply_name>.>`.
  void on_ack(const base::Message& message, Instant now);
  /// A message on `$JS.FC.<reply_name>.>`.
  void on_flow_control(const base::Message& message, Instant now);
  /// CONSUMER.MSG.NEXT: `reply` is where messages go, `body` as in nats-features 9.
  void on_pull(std::string_view reply, std::string_view body, Instant now);

  // From Readers, of what the filters match. Events come once for each message, so num_pending is
  // kept by counting them.
  /// This message may be read now.
  void on_message(StreamSeq sequence);
  /// All of these may be read now, so many messages; for a consumer without filter.
  void on_messages(stream::SequenceRun readable, std::uint64_t count);
  /// This one has left the stream.
  void on_removed(StreamSeq sequence);
  /// The stream went back to what its files say.
  void on_reloaded();
  /// CONSUMER.RESET (JA-18): forgets every delivery and goes on at `sequence`, or behind the ack
  /// floor when it is none. Answers why not where the deliver policy forbids it, else nothing;
  /// `sequence` becomes the one that is next.
  std::string_view reset(StreamSeq& sequence);
  /// CC-22: takes over a config that config_check has allowed.
  void update(ConsumerConfig config, Instant now);

  /// Expires ack waits, requests and pauses, sends heartbeats, delivers what can be delivered, and
  /// writes the state into the journal when it is due. False when the consumer has been inactive
  /// for too long and must be deleted (CC-17).
  bool pump(Instant now);
  /// To be pumped next: stands in Environment::woken.
  void queue();
  void unqueue() { queued_ = false; }
  /// Its readers have much to read already (base::Reach::full): it rests until one of them has
  /// room.
  bool waits_for_room() const { return waits_for_room_; }
  void room() {
    if (waits_for_room_) wake();
  }
  /// To be pumped next, and there is something to deliver or to answer.
  void wake();
  /// When pump() has work again if nothing wakes it.
  Instant due() const { return due_; }

  /// No longer part of the node: waiting pulls are told `line` ("409 Consumer Deleted", PL-09) and
  /// every call after this does nothing. Destruction may come later.
  void close(std::string_view line);
  bool closed() const { return closed_; }
  /// Tells waiting pulls "409 Server Shutdown" with what they still wait for (PL-10).
  void end_pulls_shutdown();

  /// Writes the state into the journal at the next pump, however recently it was written.
  void save_soon();
  ConsumerState state() const;
  ConsumerFiles& files() { return files_; }
  /// A commit failed that may have held the state: it is written again, after a pause.
  void save_lost(Instant now);

 private:
  /// A message about to go out; the views live until the stream is called again.
  struct Next {
    stream::StoredMessage message;
    std::uint64_t deliveries = 1;
    bool redelivery = false;
  };

  bool pump_once(Instant now);
  Instant work_deadline() const;
  Instant next_deadline() const;
  // position.cc
  void select_start(bool state_lost);
  std::string_view reset_refusal(StreamSeq sequence) const;
  void select_last_per_subject(const stream::StreamState& state, StreamSeq end);
  void restore(ConsumerState state);
  void clamp_to_stream();
  StreamSeq counted_from() const;
  void recount();
  void wake_reader();
  void forget_removed(Instant now);
  void set_inactivity();
  void save(Instant now);
  // delivery.cc
  void deliver_available(Instant now);
  bool may_deliver(Instant now) const;
  std::optional<Next> next_message(Instant now);
  std::optional<Next> next_redelivery(Instant now);
  std::optional<Next> next_of_skip_list(Instant now);
  std::optional<Next> next_new(Instant now);
  bool wait_until_readable(const stream::Lookup& found, Instant now);
  bool hold_back(const Next& next, std::size_t size, Instant now);
  void taken(const Next& next);
  void deliver(const Next& next, std::string_view target, std::string_view reply,
               const base::Message& shown, std::size_t size, Instant now);
  std::string ack_reply(const Next& next) const;
  void track(StreamSeq sequence, ConsumerSeq delivery, Instant now);
  // acks.cc
  bool means_lost(const AckSubject& ack) const;
  bool acknowledge(const AckSubject& ack, bool sample, Instant now);
  void acknowledge_up_to(const AckSubject& ack);
  void forget_deleted(StreamSeq sequence, Instant now);
  void negative(const AckSubject& ack, std::string_view argument, Instant now);
  bool terminate(const AckSubject& ack, std::string_view reason, Instant now);
  void confirm(std::string_view reply);
  void move_floor(ConsumerSeq delivery, StreamSeq sequence);
  void expire_acks(Instant now);
  void redeliver_all(Instant now);
  Duration wait_of(StreamSeq sequence) const;
  bool give_up_if_exhausted(StreamSeq sequence, Instant now);
  void changed();
  void went_back();
  // pulls.cc
  std::optional<PullRequest> next_request(std::size_t size, Instant now);
  void process_requests(bool end_of_stream, Instant now);
  void sweep_requests(Instant now);
  void status(std::string_view target, std::string_view line, std::string_view reply = {});
  void status(std::string_view target, std::string_view line, const PullRequest& left);
  void heartbeat(std::string_view target);
  bool inactive(Instant now);
  // push.cc
  void refresh_interest(Instant now);
  void heartbeat_if_due(Instant now);
  void request_flow_control();
  void count_pushed(std::size_t size);
  // advisory.cc
  void advise_exceeded(StreamSeq sequence, std::uint64_t deliveries, Instant now);
  void advise_naked(const AckSubject& ack, Instant now);
  void advise_terminated(const AckSubject& ack, std::string_view reason, Instant now);
  void sample_ack(const AckSubject& ack, Instant delivered, Instant now);

  bool paused(Instant now) const {
    return config_.pause_until && environment_.clock.wall(now) < *config_.pause_until;
  }
  std::uint64_t deliveries(StreamSeq sequence) const;

  stream::Stream& stream_;
  Environment& environment_;
  ConsumerConfig config_;
  std::string name_;
  WallTime created_;
  const std::uint64_t order_;
  subject::FilterSet filters_;
  bool persistent_ = false;

  // Position.
  StreamSeq next_stream_{1};
  StreamSeq delivered_stream_;
  ConsumerSeq next_consumer_{1};
  ConsumerSeq floor_consumer_;
  StreamSeq floor_stream_;
  std::map<StreamSeq, Pending> pending_;
  std::map<StreamSeq, std::uint64_t> redelivered_;
  RedeliveryQueue redeliver_;
  std::deque<StreamSeq> skip_list_;  // last_per_subject: what remains of the first pass.
  StreamSeq skip_resume_;            // And where plain reading goes on after it.
  // The stream lost what lay above `lost_above_`, and gives those sequences out again: an ack for a
  // delivery before `lost_before_` means the message that is gone.
  StreamSeq lost_above_;
  ConsumerSeq lost_before_;
  std::optional<WallTime> delivered_last_;
  std::optional<WallTime> floor_last_;

  // How many messages match from next_stream_ (or the skip list) to the stream's durable_last(),
  // kept as they come and go.
  std::uint64_t num_pending_ = 0;
  std::vector<StreamSeq> removed_;  // Were delivered, then went out of the stream.
  bool reloaded_ = false;           // Any of those that were delivered may be gone.

  // Timers.
  Instant ack_deadline_ = kNever;
  Instant heartbeat_at_ = kNever;
  Instant inactive_at_ = kNever;
  Duration inactive_after_{0};
  bool more_ = false;     // The delivery budget of one pump was used up.
  bool stalled_ = false;  // max_ack_pending is reached.
  bool waits_for_room_ = false;
  Instant due_{};
  bool woken_ = false;
  bool queued_ = false;
  bool closed_ = false;

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
  std::optional<WallTime> replay_recorded_;  // Time of the last message in the stream,
  Instant replay_sent_{};                    // and when it went out here.
  Instant not_before_{};
  std::uint64_t sample_percent_ = 0;

  // Disk.
  ConsumerFiles files_;
  bool dirty_ = false;
  bool save_now_ = false;
  bool save_both_ = false;
  Ticket saved_in_{0};  // The commit that the last save is in.
  int saves_lost_ = 0;  // In a row.
  std::uint64_t failures_seen_ = 0;
  Instant saved_at_{};
};

}  // namespace frond::consumer
