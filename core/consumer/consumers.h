#pragma once
// All consumers of the node, by stream and name: create, update, delete with NATS's rules (CC-01 to
// CC-28), recovery from streams/<name>/consumers, timers. Their Readers listen to the streams that
// have consumers; the API calls it; the engine routes ack and flow control subjects to the
// consumers it announces. One per engine.

#include "consumer/consumer.h"
#include "consumer/readers.h"
#include "stream/error.h"
#include "stream/streams.h"

#include <frond/host.h>
#include <frond/types.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace frond::consumer {

/// The engine subscribes `$JS.ACK.<reply_name>.>` and `$JS.FC.<reply_name>.>` here.
class ConsumersListener {
 public:
  virtual ~ConsumersListener() = default;
  virtual void on_created(Consumer& consumer) = 0;
  /// Before the consumer is destroyed.
  virtual void on_deleted(const Consumer& consumer) = 0;
};

/// `consumer` is null exactly when `error` is set (and after a delete).
struct ConsumerOutcome {
  stream::ApiError error;
  Consumer* consumer = nullptr;
  bool created = false;
  Ticket ticket{0};
};

struct ResetOutcome {
  stream::ApiError error;
  StreamSeq sequence;  ///< What is delivered next.
  Ticket ticket{0};
};

class Consumers {
 public:
  Consumers(stream::Streams& streams, Environment environment, const StorageReader& files);
  ~Consumers();
  Consumers(const Consumers&) = delete;
  Consumers& operator=(const Consumers&) = delete;

  /// Reads every consumer of every stream; after Streams::recover, before anything else. Returns
  /// what was damaged: without its state a consumer starts over at its configured start, without
  /// its config it is gone until somebody makes it again.
  std::vector<stream::Quarantined> recover(Instant now);
  void set_listener(ConsumersListener* listener) { listener_ = listener; }

  /// `pedantic` refuses silent defaults (10157).
  ConsumerOutcome create(stream::Stream& stream, ConsumerConfig config, Action action,
                         bool pedantic, Instant now);
  /// 10014 when there is none.
  ConsumerOutcome remove(stream::Stream& stream, std::string_view name, Instant now);
  /// CONSUMER.PAUSE (JA-17): no time resumes.
  ConsumerOutcome pause(stream::Stream& stream, std::string_view name,
                        std::optional<WallTime> until, Instant now);

  /// CONSUMER.RESET (JA-18), 10204 where the deliver policy forbids it.
  ResetOutcome reset(Consumer& consumer, StreamSeq sequence);

  Consumer* find(std::string_view stream, std::string_view name);
  /// Of one stream, by name; and of all.
  std::vector<Consumer*> list(std::string_view stream);
  /// What the stream's consumers have against new `consumer_limits` (10069).
  stream::ApiError check_stream_update(const stream::StreamConfig& before,
                                       const stream::StreamConfig& after);
  std::size_t count(std::string_view stream) const;
  std::size_t count() const;

  /// The engine calls this from StreamsListener::on_deleted.
  void stream_deleted(stream::Stream& stream, Instant now);
  /// The engine calls this when the router's interest changed: push consumers wake or rest.
  void interest_changed() { interest_changed_ = true; }
  /// The wall clock was set: pauses end at another moment.
  void wall_clock_set();
  /// Delivers what has become possible. The engine calls it at the end of every input and at
  /// next_deadline(); cheap when nothing changed.
  void pump(Instant now);
  /// A connection has room again: who waited for that goes on.
  void room();
  Instant next_deadline() const;
  /// After Journal::failed and Streams::reload_unsaved: consumers created in the lost commit go,
  /// deleted ones are back, updates are undone; states are written again, after a pause.
  void commit_failed(Instant now);
  /// Tells every waiting pull (PL-10) and writes every state.
  void shutdown(Instant now);

 private:
  struct Entry {
    std::unique_ptr<Consumer> consumer;
    Ticket created_in{0};  ///< The commit that holds its first config; 0: recovered or not kept.
    Ticket config_in{0};   ///< The commit that holds its last config; 0: recovered or not kept.
  };
  struct OfStream {
    std::map<std::string, Entry, std::less<>> by_name;
    Readers readers;
  };

  ConsumerOutcome change(Consumer& consumer, ConsumerConfig config, Action action, Instant now);
  Ticket everything_so_far(const Consumer& consumer) const;
  ConsumerOutcome add(stream::Stream& stream, ConsumerConfig config, Instant now);
  Entry& install(stream::Stream& stream, ConsumerConfig config, std::string name, WallTime created,
                 ConsumerFiles files, std::optional<ConsumerState> restored, Instant now);
  ConsumerFiles new_files(const stream::Stream& stream, const std::string& name);
  void recover_one(stream::Stream& stream, const std::string& stem,
                   const std::vector<FileInfo>& listed, std::vector<stream::Quarantined>& damaged,
                   Instant now);
  void write_config(Consumer& consumer);
  void update(Consumer& consumer, ConsumerConfig config, Instant now);
  void undo_config(Entry& entry, Instant now);
  void remove_files(Consumer& consumer);
  void queue_late(Instant now);
  void drop(const stream::Stream& stream, std::string_view name);
  void advise(const Consumer& consumer, std::string_view action, Instant now);
  void advise_pause(const Consumer& consumer, Instant now);

  stream::Streams& streams_;
  Environment environment_;
  const StorageReader& files_;
  ConsumersListener* listener_ = nullptr;
  std::map<std::string, OfStream, std::less<>> by_stream_;
  std::vector<Consumer*> pushing_;  // Those with a deliver subject.
  struct Removal {
    std::string stream;
    std::string name;
    std::string stem;
    Ticket ticket{0};
  };
  std::vector<Removal> removals_;                    // Not durable yet, as far as known.
  std::set<std::string, std::less<>> stems_in_use_;  // Folded; a damaged consumer's too.
  std::set<std::string, std::less<>> unreadable_;    // Stems of consumers without a whole config.
  std::vector<std::unique_ptr<Consumer>> closed_;    // Deleted in the middle of their own delivery.
  Instant earliest_ = kNever;                        // No consumer is due before it.
  bool interest_changed_ = false;
  bool pumping_ = false;
};

}  // namespace frond::consumer
