#pragma once
// All streams of the node by name: create, update, delete with NATS's checks (overlapping subjects,
// same name with another config, account limits), recovery at start, expiry by time. The API calls
// it, the engine subscribes their subjects. One per engine. It is the journal's client: what
// streams gathered in RAM becomes file operations when a commit is sealed.

#include "base/clock.h"
#include "store/journal.h"
#include "stream/meta.h"
#include "stream/stream.h"

#include <frond/host.h>
#include <frond/types.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace frond::stream {

/// Told when the set changes; the engine subscribes subjects and starts mirrors and forwarders
/// here.
class StreamsListener {
 public:
  virtual ~StreamsListener() = default;
  virtual void on_created(Stream& stream) = 0;
  /// Before an update: what stands against it elsewhere than in the stream.
  virtual ApiError check_update(const Stream&, const StreamConfig& /*after*/) { return {}; }
  virtual void on_updated(Stream& stream, const StreamConfig& before) = 0;
  /// Before the stream is destroyed.
  virtual void on_deleted(Stream& stream) = 0;
};

/// A create or update: `stream` is null exactly when `error` is set.
struct StreamOutcome {
  ApiError error;
  Stream* stream = nullptr;
  bool created = false;  ///< did_create of the response; false for the same config again.
  Ticket ticket{0};
};

struct StreamsLimits {
  std::int64_t storage_bytes_max = -1;
  std::int64_t memory_bytes_max = -1;
};

/// What recovery found damaged; the rest is served.
struct Quarantined {
  std::string path;
  std::string reason;
};

class Streams {
 public:
  Streams(store::Journal& journal, const StorageReader& files, Entropy& entropy,
          StreamsLimits limits, const base::Clock& clock);
  ~Streams();

  /// Reads every stream from files; called once before anything else.
  std::vector<Quarantined> recover(Instant now);

  /// `config` as parsed (config_json.h); defaults and checks happen here. `pedantic` refuses
  /// defaults that change what was asked for (10157).
  StreamOutcome create(StreamConfig config, Instant now, bool pedantic = false);
  /// `name` is the stream's as the request's subject says it: 10056 when the config's is another,
  /// 10059 when there is none. The config is checked first.
  StreamOutcome update(std::string_view name, StreamConfig config, Instant now,
                       bool pedantic = false);
  /// Deletes the stream and its files; 10059 when there is none.
  StreamOutcome remove(std::string_view name, Instant now);

  Stream* find(std::string_view name);
  /// In order of names.
  std::vector<Stream*> all();
  /// The streams that would store a message on this (possibly wildcard) subject.
  std::vector<Stream*> by_subject(std::string_view subject);
  /// Bytes in file and memory streams: JA-01.
  std::uint64_t storage_bytes() const;
  std::uint64_t memory_bytes() const;

  void set_listener(StreamsListener* listener);
  /// After Journal::completed: raises durable_last() of the streams concerned and tells listeners.
  void durable(Ticket ticket, Instant now);
  /// After Journal::failed: reloads every file stream with unsaved changes from its files. Streams
  /// created in the lost commit are gone again (on_deleted), updates are undone (on_updated),
  /// deleted ones are back (on_created): what the files say is what is so, now and after a restart.
  void reload_unsaved(Instant now);
  /// After reload_unsaved: the commit failed because of this file.
  void blame(std::string_view path, Instant now);
  /// Messages that were found damaged since are gone after this (StreamListener::on_removed). Not
  /// in the middle of anybody's reading. next_deadline() is now when there are any.
  std::vector<Quarantined> drop_damaged();
  /// Applies max_age, and has merging and compaction that is due done with the next commit.
  void tick(Instant now);
  Instant next_deadline() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace frond::stream
