#pragma once
// One stream: the rules between a published message and the log. ingest() takes what the router
// delivered on the stream's subjects through NATS's checks (nats-features 7, in that order), stores
// it and says what the PubAck must be; the caller passes that through the DurabilityGate.
// Consumers, direct get, query and sync read from here. Owned by stream::Streams from create to
// delete.

#include "base/message.h"
#include "store/journal.h"
#include "stream/config.h"
#include "stream/error.h"
#include "subject/filter_set.h"

#include <frond/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace frond::stream {

/// A stored message; the views live until the next call of the same stream.
struct StoredMessage {
  StreamSeq sequence;
  WallTime time{};
  std::string_view subject;
  std::string_view header;
  std::string_view payload;
};

/// What a look for a message found: the message, or nothing.
struct Lookup : std::optional<StoredMessage> {
  using std::optional<StoredMessage>::optional;
  /// Found nothing because of this message: it is there, but the host cannot give its bytes now (no
  /// descriptor is left, an I/O error). Whoever reads on loses it. One that turns out to be damaged
  /// is gone by the next input, and listeners are told.
  std::optional<StreamSeq> unreadable;
};

/// "state" of StreamInfo.
struct StreamState {
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
  StreamSeq first;        ///< last+1 when empty, 0 before anything was stored, as nats-server says.
  WallTime first_time{};  ///< WallTime::min() (Go's zero time) when empty.
  StreamSeq last;
  WallTime last_time{};  ///< WallTime::min() when nothing was ever stored.
  std::uint64_t subjects = 0;
  std::uint64_t deleted = 0;
};

/// What became of a publish. `error` set: nothing was stored. Otherwise the ack may leave when
/// `ticket` is durable.
struct IngestResult {
  ApiError error;
  StreamSeq sequence;
  bool duplicate = false;
  Ticket ticket{0};
};

struct PurgeRequest {
  std::string filter;  ///< Empty: all subjects.
  StreamSeq before;    ///< Purge up to but not including this sequence; none: no bound.
  std::uint64_t keep = 0;
};

struct SubjectCount {
  std::string subject;
  std::uint64_t messages = 0;
};

/// Neighbouring sequences, both ends included.
struct SequenceRun {
  StreamSeq first;
  StreamSeq last;

  bool operator==(const SequenceRun&) const = default;
};

/// A message that went away. The subject is a view for the time of the call.
struct RemovedMessage {
  StreamSeq sequence;
  std::string_view subject;
};

class Stream;

/// Told of what happens to a stream, each thing once, so that who keeps counts or an index of his
/// own never has to look at the whole stream again; consumers, forwarders, mirrors and queries
/// register one. The calls come in the middle of the stream's work: they may read the stream, and
/// neither change it nor send anything.
class StreamListener {
 public:
  virtual ~StreamListener() = default;
  /// What is still there of these sequences may be read now; durable_last() is their last. They
  /// begin behind those that were told before. Stream::next_subject() walks them.
  virtual void on_messages(Stream& stream, SequenceRun readable) = 0;
  /// These went away (limits, delete, purge, rollup) and are not found any more. Some thousands in
  /// a call, in no order. Those above durable_last() had not been told of and never will be.
  virtual void on_removed(Stream& stream, std::span<const RemovedMessage> messages) = 0;
  /// The stream is another one: reloaded from its files after a failed commit, or a mirror that has
  /// gone back as its origin has. Positions above state().last no longer exist, and nothing that
  /// was counted holds.
  virtual void on_reloaded(Stream& stream) = 0;
};

class Stream {
 public:
  virtual ~Stream() = default;
  virtual const StreamConfig& config() const = 0;
  virtual WallTime created() const = 0;
  /// Names this incarnation: differs when a stream of the same name is deleted and made again.
  virtual const std::string& identity() const = 0;
  /// Where its files are, "streams/<folder>" without '/' at its end.
  virtual const std::string& directory() const = 0;
  virtual StreamState state() const = 0;
  /// Last sequence that has survived and that listeners know of: consumers and sync read no further
  /// (an unacknowledged message may vanish in a crash and its sequence be given to another). Memory
  /// streams: state().last.
  virtual StreamSeq durable_last() const = 0;

  /// A message published on one of the subjects. Header rules PB-03 to PB-11.
  virtual IngestResult ingest(const base::Message& message, Instant now) = 0;
  /// The same for a message that sync read from one of the stream's sources: only such a one may
  /// say so in its header.
  virtual IngestResult ingest_sourced(const base::Message& message, Instant now) = 0;
  /// A mirror stores an origin's message under its own sequence and time; a jump ahead is recorded
  /// as deleted (MS-12). Sequences at or below the last are ignored.
  virtual IngestResult store_at(StreamSeq sequence, WallTime time, const base::Message& message,
                                Instant now) = 0;
  /// Origin lost everything before `next`: go on there.
  virtual Ticket skip_to(StreamSeq next, Instant now) = 0;
  /// Origin has other messages above `last` than it had: these here go, and their sequences are
  /// used again. False when that cannot be done (a damaged file holds them).
  virtual bool rewind(StreamSeq last, Instant now) = 0;

  virtual Lookup get(StreamSeq sequence) = 0;
  virtual Lookup last_for(std::string_view filter) = 0;
  /// First message at or after `from` whose subject matches one of the filters.
  virtual Lookup next_for(const subject::FilterSet& filters, StreamSeq from) = 0;
  /// When it was stored, or nothing when there is no such message. Known without reading it.
  virtual std::optional<WallTime> time_of(StreamSeq sequence) const = 0;
  /// First message at or after `from`, and its subject, a view that lives until the stream changes.
  /// Known without reading the message; none at the end.
  virtual StreamSeq next_subject(StreamSeq from, std::string_view& subject) const = 0;
  /// How many messages at or after `from` match.
  virtual std::uint64_t count_from(const subject::FilterSet& filters, StreamSeq from) const = 0;
  /// The last sequence at or below `up_to` of each subject that matches, ascending: deliver_policy
  /// last_per_subject, and direct gets as of one moment.
  virtual std::vector<StreamSeq> last_per_subject(const subject::FilterSet& filters,
                                                  StreamSeq up_to) const = 0;
  /// First sequence at or after this time; none when all are older.
  virtual StreamSeq first_at(WallTime time) const = 0;
  /// Subjects that match with their counts, sorted by subject.
  virtual std::vector<SubjectCount> subjects(std::string_view filter) const = 0;
  /// Where no messages are between the first and the last sequence; the lowest runs, no more than
  /// `runs_max`. A run may be as long as an origin's jump of sequences.
  virtual std::vector<SequenceRun> deleted_runs(std::size_t runs_max) const = 0;

  /// STREAM.MSG.DELETE (JA-10): false when there is no such message.
  virtual bool erase(StreamSeq sequence, Instant now) = 0;
  /// STREAM.PURGE (JA-08): how many were removed.
  virtual std::uint64_t purge(const PurgeRequest& request, Instant now) = 0;
  /// Ticket behind which everything done so far is durable.
  virtual Ticket ticket() const = 0;

  virtual void add_listener(StreamListener* listener) = 0;
  virtual void remove_listener(StreamListener* listener) = 0;

  /// Origin position of a mirror for StreamInfo.mirror; set by sync (MS-11).
  struct OriginStatus {
    std::string name;
    std::uint64_t lag = 0;
    std::optional<Instant> last_active;
    ApiError error;
  };
  virtual void set_mirror_status(OriginStatus status) = 0;
  virtual const std::optional<OriginStatus>& mirror_status() const = 0;
};

}  // namespace frond::stream
