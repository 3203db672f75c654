#pragma once
// One of the origins that a stream is fed from: reads it through remote_reader, from behind the
// last message that was taken, and stores each message under the stream's next sequence, with the
// header Nats-Stream-Source. Owned by its stream's sources.h, which remembers the positions.
//
// A source goes on with an origin that has become another one. Before it reads it asks how far the
// origin is, and what it took last it reads once more. When the origin ends before that (it lost
// its end, or was made again), or another message stands there, then what is newer than the message
// that was taken last comes next. Times decide only then: a hub's clock may be set back.

#include "stream/source_check.h"
#include "stream/stream.h"
#include "subject/transform.h"
#include "sync/remote_reader.h"
#include "sync/sync_context.h"

#include <frond/types.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace frond::sync {

/// The last message taken from an origin.
struct SourcePosition {
  StreamSeq sequence;            ///< None: nothing was taken yet.
  std::optional<WallTime> time;  ///< The origin's. Not known when only the stream's headers tell.

  bool operator==(const SourcePosition&) const = default;
};

class Source final : public RemoteReaderUser {
 public:
  Source(SyncContext& context, stream::Stream& stream, const stream::StreamSource& origin,
         SourcePosition position);

  const stream::SourceName& name() const { return name_; }
  const SourcePosition& position() const { return position_; }
  /// Goes on from there at its next start.
  void set_position(SourcePosition position) { position_ = position; }
  /// True when the origin is a stream of this node: then it needs no link.
  bool local() const { return plan_.peer == Peer::self; }
  bool running() const { return reader_.running() || info_.waiting() || retry_ != kNever; }
  const stream::Stream::OriginStatus& status() const { return status_; }

  /// The origin can be reached / no longer.
  void begin(Instant now);
  void stop();
  /// Anew, from where it is.
  void start(Instant now);
  void tick(Instant now);
  Instant next_deadline() const {
    return std::min({reader_.next_deadline(), info_.next_deadline(), retry_});
  }

  // RemoteReaderUser.
  ReadStart read_from() override;
  void on_reading(StreamSeq before, std::uint64_t pending, Instant now) override;
  void on_remote(const RemoteMessage& message, Instant now) override;
  void on_heartbeat(Instant now) override { alive(now); }
  void on_read_error(const stream::ApiError& error, Instant now) override;
  void on_flow_control(std::string_view reply, Instant now) override;

 private:
  bool store(const RemoteMessage& message, Instant now);
  std::string header_for(const RemoteMessage& message) const;
  std::string subject_for(std::string_view subject) const;
  void origin_answered(std::string_view body, Instant now);
  void read_newer();
  void alive(Instant now);

  stream::Stream& stream_;
  const stream::StreamSource origin_;
  const stream::SourceName name_;
  ReadPlan plan_;
  RemoteReader reader_;
  ApiRequest info_;
  std::vector<subject::Transform> transforms_;
  SourcePosition position_;
  bool by_time_ = false;  // Sequences of the origin mean nothing: it is another one.
  stream::Stream::OriginStatus status_;
  Instant retry_ = kNever;
  int failures_ = 0;
};

}  // namespace frond::sync
