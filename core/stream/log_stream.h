#pragma once
// The Stream (stream.h) over a store::MessageStore: NATS's rules of what is stored and what goes.
// ingest is in log_stream_ingest.cc, the questions in log_stream_read.cc. Owned by Streams.

#include "base/clock.h"
#include "store/message_store.h"
#include "store/subject_table.h"
#include "stream/arrivals.h"
#include "stream/duplicates.h"
#include "stream/meta.h"
#include "stream/stream.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace frond::stream {

class LogStream;

/// What a stream asks of the set it belongs to, and tells it: the set visits only those that have
/// something to do.
class StreamSet {
 public:
  virtual ~StreamSet() = default;
  /// Whether the account's limit leaves room for so many bytes more.
  virtual bool has_room(StorageKind kind, std::uint64_t bytes) const = 0;
  /// The sum that its store's bytes are counted in.
  virtual std::uint64_t& stored_bytes(StorageKind kind) = 0;
  /// The commit that is being sealed holds something of it.
  virtual void in_commit(LogStream& stream) = 0;
  /// Stored messages were found damaged: they are to be dropped when nobody is in the middle of
  /// reading.
  virtual void suspicious(LogStream& stream) = 0;
  /// Something in it expires at this moment.
  virtual void expires_at(Instant deadline) = 0;
};

class LogStream final : public Stream, private store::JournalClient {
 public:
  /// `place` is where a file stream's blocks are; nothing for a memory stream.
  LogStream(StreamMeta meta, std::string directory, std::optional<store::StorePlace> place,
            StreamSet& set, const base::Clock& clock);
  ~LogStream() override;
  LogStream(const LogStream&) = delete;
  LogStream& operator=(const LogStream&) = delete;

  /// Reads the blocks again, from nothing; used at start and after a failed commit.
  std::vector<store::BlockFault> load(Instant now);
  /// Replaces the config and applies its limits to what is stored.
  void reconfigure(StreamConfig config, Instant now);
  const StreamMeta& meta() const { return meta_; }
  store::MessageStore& store() { return *store_; }
  const store::MessageStore& store() const { return *store_; }
  /// Damaged messages go like removed ones, but for the file, which is kept. What to report.
  std::vector<store::BlockFault> drop_damaged();
  /// Removes what is older than max_age.
  void expire(Instant now);
  Instant next_deadline() const;
  /// A commit failed because of this stream's own blocks: it refuses messages for a while, so that
  /// the others' are not lost with them. Longer each time, until something became durable.
  void fence(Instant now);
  void unfence() { fences_ = 0; }
  /// What has become durable may be read.
  void tell_messages();
  void tell_reloaded();

  const StreamConfig& config() const override { return meta_.config; }
  WallTime created() const override { return meta_.created; }
  const std::string& identity() const override { return meta_.identity; }
  const std::string& directory() const override { return directory_; }
  StreamState state() const override;
  StreamSeq durable_last() const override { return readable_; }
  IngestResult ingest(const base::Message& message, Instant now) override {
    return take(message, false, now);
  }
  IngestResult ingest_sourced(const base::Message& message, Instant now) override {
    return take(message, true, now);
  }
  IngestResult store_at(StreamSeq sequence, WallTime time, const base::Message& message,
                        Instant now) override;
  Ticket skip_to(StreamSeq next, Instant now) override;
  bool rewind(StreamSeq last, Instant now) override;
  Lookup get(StreamSeq sequence) override;
  Lookup last_for(std::string_view filter) override;
  Lookup next_for(const subject::FilterSet& filters, StreamSeq from) override;
  std::optional<WallTime> time_of(StreamSeq sequence) const override;
  StreamSeq next_subject(StreamSeq from, std::string_view& subject) const override;
  std::uint64_t count_from(const subject::FilterSet& filters, StreamSeq from) const override;
  std::vector<StreamSeq> last_per_subject(const subject::FilterSet& filters,
                                          StreamSeq up_to) const override;
  StreamSeq first_at(WallTime time) const override;
  std::vector<SubjectCount> subjects(std::string_view filter) const override;
  std::vector<SequenceRun> deleted_runs(std::size_t runs_max) const override;
  bool erase(StreamSeq sequence, Instant now) override;
  std::uint64_t purge(const PurgeRequest& request, Instant now) override;
  Ticket ticket() const override { return ack_ticket(store_->ticket()); }
  void add_listener(StreamListener* listener) override;
  void remove_listener(StreamListener* listener) override;
  void set_mirror_status(OriginStatus status) override { mirror_status_ = std::move(status); }
  const std::optional<OriginStatus>& mirror_status() const override { return mirror_status_; }

 private:
  struct HeaderRules;  // log_stream_ingest.cc
  IngestResult take(const base::Message& message, bool sourced, Instant now);

  void before_seal() override;

  ApiError check_headers(HeaderRules& rules, const base::Message& message, Instant now,
                         IngestResult& result);
  ApiError check_expected(const HeaderRules& rules, const base::Message& message);
  bool too_large(const base::Message& message) const;
  ApiError check_batch(std::string_view batch_id, const base::Message& message) const;
  ApiError check_room(const HeaderRules& rules, const base::Message& message);
  IngestResult stored(const store::MessageRecord& record, Instant arrival);
  /// The ticket an ack waits for: none where the user asked not to wait.
  Ticket ack_ticket(Ticket ticket) const;
  void enforce_limits(std::string_view subject);
  void enforce_totals();
  std::uint64_t purge_filtered(const PurgeRequest& request);
  void rebuild_duplicates(Instant now);
  std::unique_ptr<store::MessageStore> fresh_store();
  Instant arrival(std::uint64_t sequence) const;
  bool remove(std::uint64_t sequence);
  std::uint64_t remove_range(std::uint64_t first, std::uint64_t last);
  void note_removal(std::uint64_t sequence);
  void note_damage() {
    if (store_->suspicious()) set_.suspicious(*this);
  }
  void tell_removed();

  StreamMeta meta_;
  const std::string directory_;
  const std::optional<store::StorePlace> place_;
  StreamSet& set_;
  const base::Clock& clock_;
  std::unique_ptr<store::MessageStore> store_;
  Arrivals arrivals_;
  Duplicates duplicates_;
  std::string last_message_id_;
  Instant fenced_until_{};
  int fences_ = 0;  // Since something became durable.
  std::optional<OriginStatus> mirror_status_;
  StreamSeq readable_;  // Listeners know of what is up to here.
  bool begun_;          // By a purge or its config: it has a first sequence before any message.
  struct Gone {
    std::uint64_t sequence = 0;
    store::SubjectId subject = 0;
  };
  std::vector<Gone> gone_;  // What listeners have not been told yet.
  std::vector<StreamListener*> listeners_;
};

}  // namespace frond::stream
