#pragma once
// The indexes of the node's streams, as their metadata `frond.index` declares them: "city age,name"
// is one of a field and one of two. Each follows its stream: what has become durable is read once,
// a slice at a time, at open the whole log. A query that wants an index which is behind brings it
// up to date first. Created, changed and dropped with the stream's config; the API owns the one of
// the node.

#include "query/index.h"
#include "stream/stream.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace frond::query {

class StreamIndexes final : public stream::StreamListener {
 public:
  StreamIndexes(stream::Stream& stream, std::string_view declared);
  ~StreamIndexes() override { stream_.remove_listener(this); }
  StreamIndexes(const StreamIndexes&) = delete;
  StreamIndexes& operator=(const StreamIndexes&) = delete;

  const stream::Stream& stream() const { return stream_; }
  const std::string& declared() const { return declared_; }
  const std::vector<Index>& all() const { return indexes_; }
  /// Every document up to this sequence is in them.
  StreamSeq covered() const { return covered_; }
  /// Something durable is not in them yet.
  bool behind() const { return !full_ && covered_ < stream_.durable_last(); }
  /// There was no room for all: they are of no use.
  bool full() const { return full_; }
  /// Reads a bounded piece of the log. `work` grows by what it cost (limits.h).
  void advance(std::size_t& work);

  void on_messages(stream::Stream&, stream::SequenceRun) override {}
  void on_removed(stream::Stream& stream,
                  std::span<const stream::RemovedMessage> messages) override;
  void on_reloaded(stream::Stream& stream) override;

 private:
  void declare();

  stream::Stream& stream_;
  const std::string declared_;
  std::vector<Index> indexes_;
  StreamSeq covered_;
  bool full_ = false;
};

/// What is wrong with a declaration; empty for a good one.
std::string check_indexes(std::string_view declared);

class Indexes {
 public:
  /// The stream is new, or its config is.
  void attach(stream::Stream& stream);
  void detach(const stream::Stream& stream);
  /// Null for a stream without indexes.
  StreamIndexes* find(const stream::Stream& stream) const;
  /// A piece of what they are behind. True when there is more to be done at once.
  bool pump();

 private:
  std::vector<std::unique_ptr<StreamIndexes>> streams_;
};

}  // namespace frond::query
