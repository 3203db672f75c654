#pragma once
// Reads a stream of another domain in order and without holes, through an ephemeral push consumer
// that it makes again at once when a message was lost on the way (leafnode-protocol 12); after
// silence and refusals its user starts it again. Between sync_link and its two users: mirror stores
// what it reads, forward looks for its own messages in it. Owned by its user.

#include "stream/error.h"
#include "sync/api_request.h"
#include "sync/sync_context.h"

#include <frond/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace frond::sync {

/// What to read.
struct ReadPlan {
  Peer peer = Peer::hub;
  std::string api;  ///< "$JS.<domain>.API", or "$JS.API" for a stream of this node.
  std::string stream;
  std::vector<std::string> filters;      ///< None: all subjects. Old hubs ignore more than one.
  std::string deliver_prefix = "$JS.M";  ///< Deliver subjects are "<prefix>.<8 characters>".
  bool headers_only = false;
};

/// Where to begin; none of these: at the origin's first message.
struct ReadStart {
  StreamSeq sequence;
  std::optional<WallTime> time;
  bool last_per_subject = false;  ///< The last message of each subject, then all that follow.
};

/// A message of the origin, valid during the call.
struct RemoteMessage {
  StreamSeq sequence;
  WallTime time{};
  std::uint64_t pending = 0;  ///< How many follow at the origin.
  base::Message message;
};

class RemoteReaderUser {
 public:
  virtual ~RemoteReaderUser() = default;
  /// Asked before each create: what has been kept so far decides.
  virtual ReadStart read_from() = 0;
  /// The consumer exists. `before` is the last origin sequence that it will not deliver, `pending`
  /// what it will.
  virtual void on_reading(StreamSeq before, std::uint64_t pending, Instant now) = 0;
  virtual void on_remote(const RemoteMessage& message, Instant now) = 0;
  /// The origin is alive and has nothing new.
  virtual void on_heartbeat(Instant now) = 0;
  /// The reader has stopped: the create was refused or unanswered, or (no error) the origin fell
  /// silent. The user decides when to start again, and looks first whether it is still the same
  /// origin.
  virtual void on_read_error(const stream::ApiError& error, Instant now) = 0;
  /// The origin stops sending until `reply` gets an empty message; a user that waits for its disk
  /// sends it later.
  virtual void on_flow_control(std::string_view reply, Instant now) = 0;
};

class RemoteReader final : public InboxHandler {
 public:
  RemoteReader(SyncContext& context, RemoteReaderUser& user);
  ~RemoteReader() override;
  RemoteReader(const RemoteReader&) = delete;
  RemoteReader& operator=(const RemoteReader&) = delete;

  /// Starts to read, or starts anew. Only while the origin can be reached (link online).
  void start(ReadPlan plan, Instant now);
  /// Leaves the consumer to its inactivity threshold. Safe in the user's calls.
  void stop();
  bool running() const { return state_ != State::stopped; }
  void tick(Instant now);
  Instant next_deadline() const;
  /// Lets the origin send on (RemoteReaderUser::on_flow_control).
  void answer_flow_control(std::string_view reply);
  /// The same when what came so far is safe, at `ticket`: the origin never runs ahead of our disk
  /// by more than its window. Without an answer its heartbeats ask again.
  void answer_flow_control_at(Ticket ticket, std::string_view reply);

  void on_inbox(InboxId inbox, std::string_view target, const base::Message& message,
                Instant now) override;

 private:
  enum class State : std::uint8_t { stopped, creating, reading };

  void create(Instant now);
  void created(std::string_view body, Instant now);
  void fail(const stream::ApiError& error, Instant now);
  void lost_one(Instant now);
  void close_inbox();
  void status(const base::Message& message, Instant now);
  void take(const base::Message& message, Instant now);

  SyncContext& context_;
  RemoteReaderUser& user_;
  ReadPlan plan_;
  State state_ = State::stopped;
  ApiRequest request_;
  InboxId inbox_{};
  bool inbox_open_ = false;
  std::string deliver_;
  std::string consumer_;       // Empty until the response or the first message names it.
  StreamSeq last_stream_;      // sseq of leafnode-protocol 12.
  ConsumerSeq last_consumer_;  // dseq.
  int creates_ = 0;            // Since a message last came in order.
  Instant deadline_ = kNever;  // Silence while reading.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // For actions in the gate.
};

}  // namespace frond::sync
