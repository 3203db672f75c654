#pragma once
// A read-only copy of an origin's stream, or of one subject's part of it (MS-01 to MS-12): same
// sequences, times and headers. Reads through remote_reader, stores through Stream::store_at.
//
// A mirror follows its origin. Before it reads on, and with every consumer it makes, it compares:
// - the origin's creation time with the one in mirror.state beside the stream. An origin that was
//   deleted and made again is another one: the mirror stops, says so in OriginStatus and keeps what
//   it has; deleting the local stream starts over.
// - the copy's last messages (overlap.h), and where the origin does not show the newest of them,
//   what has become of it (origin_probe.h). An origin that has lost its end and gone on has other
//   messages at the same sequences: the mirror gives up what it has above the last one that both
//   have, and reads on from there. What the origin has removed is no difference.

#include "store/state_file.h"
#include "stream/stream.h"
#include "sync/mirror/origin_probe.h"
#include "sync/mirror/overlap.h"
#include "sync/remote_reader.h"
#include "sync/sync_context.h"
#include "sync/way.h"

#include <frond/types.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace frond::sync {

/// Nothing says whether the origin is the one that has been mirrored so far.
stream::ApiError not_known_origin();

/// mirror.cc; what happens in doubt is in mirror_doubt.cc.
class Mirror final : public Way, public RemoteReaderUser, public stream::StreamListener {
 public:
  /// `stream` has config().mirror; `directory` is where its files are ("streams/ORD").
  Mirror(SyncContext& context, stream::Stream& stream, const std::string& directory);
  ~Mirror() override;

  // Way. A mirror of a stream of this node needs no link.
  void begin(Instant now) override;
  void up(Instant now) override;
  void down(Instant now) override;
  void tick(Instant now) override;
  Instant next_deadline() const override;
  SyncStatus status() const override;
  void forget() override;

  // RemoteReaderUser.
  ReadStart read_from() override;
  void on_reading(StreamSeq before, std::uint64_t pending, Instant now) override;
  void on_remote(const RemoteMessage& message, Instant now) override;
  void on_heartbeat(Instant now) override;
  void on_read_error(const stream::ApiError& error, Instant now) override;
  void on_flow_control(std::string_view reply, Instant now) override;

  // stream::StreamListener.
  void on_messages(stream::Stream&, stream::SequenceRun) override {}
  void on_removed(stream::Stream&, std::span<const stream::RemovedMessage>) override {}
  void on_reloaded(stream::Stream& stream) override;

 private:
  void start(Instant now);
  void ask_origin(Instant now);
  void origin_answered(std::string_view body, Instant now);
  void refuse_origin(std::string description);
  bool take_overlap(const RemoteMessage& message, std::string_view header, Instant now);
  bool vouched(Instant now);
  void probe(OriginProbe::Done done, Instant now);
  void doubt(Instant now);
  void read_on(Instant now);
  void behind(StreamSeq origin_last, Instant now);
  void differs(StreamSeq sequence, Instant now);
  void go_back(StreamSeq to, Instant now);
  void alive(Instant now);
  void report();

  SyncContext& context_;
  stream::Stream& stream_;
  store::StateFile file_;
  bool local_ = false;
  ReadPlan plan_;
  RemoteReader reader_;
  ApiRequest info_;
  OriginProbe probe_;
  Overlap overlap_;
  bool settled_ = false;       // The next consumer need not compare: the origin has been asked.
  std::string known_created_;  // The origin's creation time as its JSON says it.
  int unanswered_ = 0;         // Questions after it, in a row.
  bool vouched_ = false;       // It is the known origin: by creation time, or by the overlap.
  Instant retry_ = kNever;
  int failures_ = 0;
  bool reread_ = false;  // The stream was reloaded: start again at the next tick.
  stream::Stream::OriginStatus origin_;
};

extern const WayKind mirror_way;

}  // namespace frond::sync
