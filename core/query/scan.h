#pragma once
// Carries out one query over one stream, a bounded step at a time: takes the messages that may be
// documents, runs the selector over each, and makes rows of what matches, or counts, groups or
// sorts it first. A document is a stored message whose payload is JSON and which is no deletion of
// a KV key. What is read is durable. The API pulls it as its asker reads (api/query_api.cc); lives
// until the last row is made.
//
// A long scan of a table goes on while subjects get new messages, and the old ones may go. So it
// listens to the stream: a message that has gone before its turn is replaced by the last one of its
// subject, and each subject that was there is seen once.

#include "query/groups.h"
#include "query/indexes.h"
#include "query/matcher.h"
#include "query/query.h"
#include "query/rows.h"
#include "stream/stream.h"
#include "subject/filter_set.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace frond::query {

class Scan final : public stream::StreamListener {
 public:
  enum class Step : std::uint8_t {
    more,        ///< Nothing to be sent yet.
    batch,       ///< Rows enough for a message.
    wait,        ///< What is to be read is not durable yet.
    done,        ///< With the last rows.
    too_large,   ///< More to be sorted or grouped than there is room for.
    unreadable,  ///< The host does not give a message's bytes now.
  };

  /// `indexes` may be null.
  Scan(std::unique_ptr<Query> query, const stream::Stream& stream, Indexes* indexes);

  /// To be called before it is destroyed, while the stream is still there.
  void detach(stream::Stream& stream) { stream.remove_listener(this); }

  /// Appends rows, as JSON with commas between them. `work` grows by what it cost (limits.h).
  Step step(stream::Stream& stream, std::string& rows, std::size_t& work);
  /// After done: what the query came to, as members of a JSON object behind others.
  std::string summary() const;
  /// What it holds, bytes.
  std::size_t cost() const;

  void on_messages(stream::Stream&, stream::SequenceRun) override {}
  void on_removed(stream::Stream& stream,
                  std::span<const stream::RemovedMessage> messages) override;
  void on_reloaded(stream::Stream&) override {}

 private:
  struct Gone {
    StreamSeq sequence;
    std::string subject;
    bool replaced = false;
  };
  enum class Phase : std::uint8_t { begin, look, send };

  Step begin(stream::Stream& stream, std::size_t& work);
  bool use_index(const stream::Stream& stream, const StreamIndexes& indexes);
  bool is_last(const stream::Stream& stream, const stream::StoredMessage& message) const;
  Step look(stream::Stream& stream, std::string& rows, std::size_t& work);
  Step send(stream::Stream& stream, std::string& rows, std::size_t& work);
  stream::Lookup next(stream::Stream& stream);
  stream::Lookup get(stream::Stream& stream, StreamSeq place);
  /// False when there is no room for it.
  bool take(const stream::StoredMessage& message, std::string& rows);
  std::string row_key(const stream::StoredMessage& message);
  /// Whether it shows subjects as they are now, however the stream goes on.
  bool follows() const { return !query_->log && query_->up_to.none() && !query_->up_to_time; }
  bool walks_log() const { return query_->log && index_.empty(); }
  bool sorts() const { return !query_->sort.empty(); }
  bool full() const { return query_->limit > 0 && sent_ == query_->limit; }

  Matcher matcher_;
  Query* const query_;
  Indexes* const indexes_;
  std::string index_;  ///< Of the one that is used.
  subject::FilterSet filters_;
  StreamSeq up_to_;
  Phase phase_ = Phase::begin;
  std::vector<StreamSeq> places_;  // Of a table, or from an index; ascending.
  std::size_t at_ = 0;
  std::vector<Gone> gone_;  // Since it began, of its filter; ascending.
  std::size_t gone_bytes_ = 0;
  StreamSeq from_;  // Of a log.
  Rows sorted_;
  Groups groups_;
  std::uint64_t count_ = 0;
  std::uint64_t skipped_ = 0;
  std::uint64_t sent_ = 0;
  std::string last_key_;  // Of the last row sent.
};

}  // namespace frond::query
