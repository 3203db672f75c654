#pragma once
// A local stream as a working copy of a hub's (metadata frond.sync): local writes are visible at
// once and go up, the hub's come down, and each subject's last value ends the same everywhere.
// docs/sync.md has the rules and why they converge. In short:
//
// - The hub's log is read in its order, from `position` on, after every pause to its end before
//   anything is sent. What it says of a subject without open local writes is stored here, as a new
//   local message with a mark (two_way_rules.h). Of a subject with one, the conflict policy
//   decides.
// - A local write goes up under the condition that the hub's last message of its subject is the one
//   that we know of. So nothing is overwritten unseen, and a copy that was sent twice is stored
//   once. A refused condition tells what the hub has: read already (then it is no conflict: we only
//   did not remember the sequence), or still to be read.
// - An own write that comes down is known by its Nats-Msg-Id and not stored again.
// - Where the order of things leaves a doubt about one subject, its value at the hub is looked at;
//   where it leaves one about all, all last values are compared.
//
// two_way.cc has life, time and state; two_way_read.cc what comes down, two_way_compare.cc all last
// values, two_way_send.cc what goes up, two_way_look.cc single subjects, and the app that is asked.
// Owned by syncs.

#include "store/state_file.h"
#include "stream/stream.h"
#include "subject/filter_set.h"
#include "sync/api_request.h"
#include "sync/mirror/origin_probe.h"
#include "sync/remote_reader.h"
#include "sync/sync_context.h"
#include "sync/two_way/open_writes.h"
#include "sync/two_way/two_way_rules.h"
#include "sync/two_way/two_way_state.h"
#include "sync/way.h"
#include "wire/json_reader.h"

#include <frond/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace frond::sync {

extern const WayKind two_way_way;

/// What the metadata says.
struct TwoWaySettings {
  std::string domain;      ///< The hub's.
  std::string hub_stream;  ///< Takes the local stream's subjects.
  ConflictPolicy policy = ConflictPolicy::hub_order;
};

class TwoWay final : public Way,
                     public stream::StreamListener,
                     public RemoteReaderUser,
                     public InboxHandler {
 public:
  /// `directory` is where the stream's files are ("streams/KV_a").
  TwoWay(SyncContext& context, stream::Stream& stream, const std::string& directory,
         const TwoWaySettings& settings);
  ~TwoWay() override;
  TwoWay(const TwoWay&) = delete;
  TwoWay& operator=(const TwoWay&) = delete;

  // Way.
  void up(Instant now) override;
  void down(Instant now) override;
  void tick(Instant now) override;
  Instant next_deadline() const override;
  SyncStatus status() const override;
  MessageState message(StreamSeq sequence) const override;
  void forget() override { file_.remove(); }

  // stream::StreamListener.
  void on_messages(stream::Stream&, stream::SequenceRun) override { pump_due_ = true; }
  void on_removed(stream::Stream&, std::span<const stream::RemovedMessage>) override {
    pump_due_ = true;
  }
  void on_reloaded(stream::Stream& stream) override;
  // RemoteReaderUser.
  ReadStart read_from() override;
  void on_reading(StreamSeq before, std::uint64_t pending, Instant now) override;
  void on_remote(const RemoteMessage& message, Instant now) override;
  void on_heartbeat(Instant now) override;
  void on_read_error(const stream::ApiError& error, Instant now) override;
  void on_flow_control(std::string_view reply, Instant now) override;
  // InboxHandler: the hub's acks, and the app's answer to a conflict.
  void on_inbox(InboxId inbox, std::string_view target, const base::Message& message,
                Instant now) override;

  const TwoWayState& state() const { return state_; }

 private:
  // two_way.cc
  void load();
  bool counts(StreamSeq sequence) const;
  void forget_hub(const std::string& created);
  std::string state_text();
  void save();
  void save_soon(Instant now);
  void fail(std::string why, Instant now);
  StreamSeq known_at_hub(std::string_view subject) const;
  void note_at_hub(std::string_view subject, StreamSeq sequence);

  // two_way_read.cc
  void ask_hub(Instant now);
  void hub_answered(std::string_view body, Instant now);
  void read(Instant now);
  void level(Instant now);
  bool is_open(const stream::StoredMessage& mine) const;
  bool settle_own(const HubValue& value, const stream::Lookup& mine);
  bool apply(const HubValue& value, bool looked, Instant now);
  bool store(const HubValue& value, bool over_open, Instant now);
  void reached(StreamSeq position);
  std::string_view hub_id() const;
  bool is_another_hub() const { return state_.hub_id != hub_id(); }
  HubMark mark_for(StreamSeq hub) const { return {hub, state_.lineage}; }

  // two_way_compare.cc
  void begin_compare();
  void finish_compare(Instant now);
  bool lost_end(const HubValue& value, const stream::StoredMessage& mine, bool looked) const;
  std::size_t place_unseen(StreamSeq sequence) const;
  std::string still_last(StreamSeq sequence);
  void remove_here(const std::string& subject, Instant now);
  void audit(Instant now);
  void audited(std::string_view body, Instant now);
  bool quiet() const;

  // two_way_send.cc
  void pump(Instant now);
  void scan(Instant now);
  void add_open(const stream::StoredMessage& message);
  bool send(OpenWrite& write, Instant now);
  bool may_go(const OpenWrite& write) const;
  void acked(const base::Message& message, OpenWrite& write, Instant now);
  void not_last(OpenWrite& write, const stream::ApiError& why, Instant now);
  void settle(StreamSeq sequence, StreamSeq hub);
  void refuse(OpenWrite& write, const stream::ApiError& why, Instant now);
  void pass_over(StreamSeq sequence, const stream::ApiError& why, StreamSeq letter);
  void gone(StreamSeq sequence);
  void wait_again(Instant now);
  void hold_back(std::string why, Instant now);
  Instant oldest_wait() const;

  // two_way_look.cc
  void look_later(const std::string& subject);
  bool in_conflict(std::string_view subject) const;
  void look(Instant now);
  void looked(std::string_view body, Instant now);
  void hub_has_none(Instant now);
  void look_done(bool done, Instant now);
  void conflict(const std::string& subject);
  void pose(const HubValue& value, const stream::StoredMessage& mine, Instant now);
  wire::Json base_of(const std::string& subject);
  void answered(const base::Message& message, Instant now);
  void close_question();

  SyncContext& context_;
  stream::Stream& stream_;
  const ConflictPolicy policy_;
  const std::string domain_;
  std::string origin_;  // Of the hub's stream: TwoWayState::settings.
  const subject::FilterSet subjects_;
  const std::string id_prefix_;
  store::StateFile file_;
  TwoWayState state_;  // `open` is filled when it is saved.
  OpenWrites open_;

  enum class Mode : std::uint8_t {
    down,
    asking,   // Is the hub's stream there, and the one that we know?
    reading,  // To its end, and on from there.
    pausing,  // Until retry_at_.
  };
  Mode mode_ = Mode::down;
  bool level_ = false;  // The hub's end has been read on this link: writes may go up.
  ReadPlan plan_;
  RemoteReader reader_;
  ApiRequest info_;
  OriginProbe probe_;
  StreamSeq hub_last_;  // When it was asked.
  std::uint64_t lag_ = 0;
  // While comparing: the last local message of each subject, without those that have been found at
  // the hub. Of a hub that is another one they go up afterwards.
  std::vector<StreamSeq> unseen_;
  std::vector<bool> seen_;  // Of each of them, as long as it is not left out.
  bool comparing_ = false;
  struct Newest {
    StreamSeq sequence;
    WallTime time{};
    std::string subject;
  };
  Newest newest_;           // Of what the hub has sent.
  bool compared_ = false;   // On this link.
  bool audit_due_ = false;  // Once on each link: does the hub have the same subjects?
  Instant audit_at_ = kNever;
  int audits_ = 0;

  // A cache: the last sequence of a subject at the hub that was looked at. What is not in it is
  // found out by a refused condition.
  std::map<std::string, std::uint64_t, std::less<>> at_hub_;

  InboxId inbox_{};
  std::string ack_prefix_;
  bool pump_due_ = false;
  bool waits_for_room_ = false;  // The link has much to carry already.
  Instant send_at_ = kNever;     // Sending rests until then.
  int send_failures_ = 0;

  ApiRequest look_;
  std::string looking_at_;
  StreamSeq looked_from_;  // The clean local message of that subject when it was asked for.
  Instant look_at_ = kNever;
  int look_failures_ = 0;

  struct Question {
    std::string subject;
    StreamSeq hub, local;
  };
  std::optional<Question> question_;
  InboxId answer_inbox_{};
  Instant question_ends_ = kNever;

  Instant retry_at_ = kNever;
  int failures_ = 0;
  bool reread_ = false;  // What has been read is not all here: ask the hub at the next tick.
  bool save_due_ = false;
  Instant save_at_ = kNever;
  Instant now_{};  // Of the last input.
  std::string error_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // For actions in the gate.
};

}  // namespace frond::sync
