#pragma once
// Store and forward: every durable message of a local stream is published at the hub, on its own
// subject, in order and exactly once (design section 6). Reads the stream, publishes through
// SyncLink::send_to_hub, settles each message by the hub's PubAck. One per stream that asks for it,
// owned by syncs from the stream's creation (or the metadata's) to its end.
//
// Exactly once: each message carries a Nats-Msg-Id that is its own whatever becomes of the store
// (forward_message.h; the app's own becomes Frond-Msg-Id). The hub's duplicate window covers short
// gaps. After a lost link, a restart or a missing ack, what may have been sent is in doubt: the
// hub's stream is read from the position behind which all of ours are known, headers only, and what
// is found there is struck. A hub that calls a message a duplicate that was sent only once is not
// believed either: its stream must show the message.
//
// Order: up to a window of messages are in flight (forward_window.h). After a timeout or a refusal
// that may pass, nothing more is sent until those in flight are answered and the doubt is settled;
// then one at a time until an ack arrives. With metadata `frond.forward.window` = "1" a message is
// never sent before its predecessor is settled.
//
// A message that the hub refuses for good is put among the dead letters (dead_letters.h) and, once
// it is safe there, passed over, counted and told on `$FROND.ADVISORY.SYNC.REFUSED.<stream>`. So is
// one that may be at the hub when the user has no right to look for it there.
//
// forward.cc holds life and time, forward_send.cc sending, forward_acks.cc what comes back,
// forward_doubt.cc what does not, forward_refused.cc what the hub will never have.

#include "stream/stream.h"
#include "sync/forward/doubt_settler.h"
#include "sync/forward/forward_flights.h"
#include "sync/forward/forward_ledger.h"
#include "sync/forward/forward_message.h"
#include "sync/forward/forward_window.h"
#include "sync/forward/hub_places.h"
#include "sync/forward/hub_survey.h"
#include "sync/forward/inherited_doubt.h"
#include "sync/sync_context.h"
#include "sync/way.h"

#include <frond/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace frond::sync {

class Forward final : public Way,
                      public stream::StreamListener,
                      public InboxHandler,
                      public DoubtSettlerUser {
 public:
  /// `stream` has metadata frond.forward; `directory` is where its files are ("streams/ORD").
  Forward(SyncContext& context, stream::Stream& stream, const std::string& directory,
          WayStart start);
  ~Forward() override;
  Forward(const Forward&) = delete;
  Forward& operator=(const Forward&) = delete;

  // Way.
  void up(Instant now) override;
  void down(Instant now) override;
  /// Sends what has become durable.
  void tick(Instant now) override;
  Instant next_deadline() const override;
  SyncStatus status() const override;
  MessageState message(StreamSeq sequence) const override;
  void forget() override { ledger_.forget(); }

  // StreamListener.
  void on_messages(stream::Stream&, stream::SequenceRun) override { pump_due_ = true; }
  void on_removed(stream::Stream&, std::span<const stream::RemovedMessage>) override {
    pump_due_ = true;
  }
  void on_reloaded(stream::Stream&) override {}  // What was not durable was never sent.
  // InboxHandler: the hub's acks.
  void on_inbox(InboxId inbox, std::string_view target, const base::Message& message,
                Instant now) override;
  // DoubtSettlerUser.
  void on_found(HubPlace place, const RemoteMessage& message) override;
  void on_settled(std::map<std::string, HubPosition> read, const Survey& found,
                  Instant now) override;
  void on_settle_failed(const std::string& why, Instant now) override;

 private:
  enum class Mode : std::uint8_t {
    down,       // No link.
    surveying,  // Asking which streams of the hub take our subjects, before the first message.
    sending,
    draining,  // A message was refused for now: waiting for the acks of those behind it.
    settling,  // Looking for messages in doubt.
    pausing,   // Until resume_at_.
  };

  bool in_doubt() const {
    return flights_.waiting() > 0 || flights_.unsure() > 0 || inherited_.open();
  }
  bool window_full() const { return window_.full(flights_.waiting(), flights_.waiting_bytes()); }
  bool has_place_for(StreamSeq sequence) const;
  void pump(Instant now);
  bool send(const stream::StoredMessage& message, Instant now);
  void claim(StreamSeq sequence, Instant now);
  void claim_ahead(StreamSeq sequence, Instant now);
  bool needs_survey() const;
  void start_survey(Instant now);
  void forget_gone(StreamSeq before);
  void pause(std::string why, Instant until);
  void resume(Instant now);
  void send_on(Instant now);

  void stored(StreamSeq sequence, const HubPlace& place);
  void refused(StreamSeq sequence, const stream::ApiError& why, Instant now);
  void refuse(StreamSeq sequence, const stream::ApiError& why, Instant now);
  void cannot_keep(StreamSeq sequence, std::string why, Instant now);
  void pass_over(StreamSeq sequence, const stream::ApiError& why, StreamSeq letter);
  void give_up_doubt(const std::string& why, Instant now);
  void drain(std::string why, Instant now);
  void advance();
  void pass(StreamSeq sequence);

  bool believes_duplicate(StreamSeq sequence) const;
  void suspect(StreamSeq sequence, HubPlace place, Instant now);
  bool is_ours(const ForwardId& id, const RemoteMessage& message);
  void settle(Instant now);
  void close_inherited();
  void clear_suspects();
  void send_unknown_again(Instant now, bool blind = false);
  void learn(const Survey& found);
  void strike_superseded();
  Instant ack_deadline() const;

  SyncContext& context_;
  stream::Stream& stream_;
  std::string domain_;
  ForwardWindow window_;
  ForwardLedger ledger_;
  std::string id_prefix_;
  ForwardFlights flights_;
  InheritedDoubt inherited_;
  /// A message that the hub calls a duplicate though it was sent only once.
  struct Suspect {
    HubPlace place;
    bool asked = false;    // The settling under way reads from there.
    bool another = false;  // Another message was found under its id.
  };
  std::map<StreamSeq, Suspect> suspects_;
  HubPlaces places_;
  HubSurvey survey_;
  bool surveyed_ = false;  // What follows is known of the hub as it is now.
  Duration blind_resend_max_;
  std::uint64_t kept_per_subject_ = 0;  // By the hub's stream; 0: all, or not known.
  DoubtSettler settler_;
  Mode mode_ = Mode::down;
  bool pump_due_ = false;
  bool waits_for_room_ = false;  // The link has much to carry already.
  StreamSeq next_;               // Where the stream is read on.
  StreamSeq reached_;            // Everything below has been sent or is settled.
  Instant progressed_at_{};      // When the one that had waited longest was last answered.
  InboxId inbox_{};
  std::string ack_prefix_;
  std::string error_;  // Why it does not go on; the ledger's is of the last refused message.
  Instant resume_at_ = kNever;
  int failures_ = 0;
  int settle_failures_ = 0;
  Instant settle_began_{};
  std::string hub_id_;
  Instant same_hub_since_{};
  Instant last_now_{};
  std::size_t letter_bytes_ = 0;                                // Dead ones that are not safe yet.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // For actions in the gate.
};

extern const WayKind forward_way;

}  // namespace frond::sync
