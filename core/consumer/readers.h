#pragma once
// The consumers of one stream by what they read. Listens to the stream: each message that comes or
// goes is matched once with all filters together, and only the consumers that want it hear of it.
// So their counts are kept without looking at the stream again, and a consumer that waits for
// something else costs nothing. Owned by Consumers, beside the consumers themselves.

#include "stream/stream.h"
#include "subject/trie.h"

#include <span>
#include <vector>

namespace frond::consumer {

class Consumer;

class Readers final : public stream::StreamListener {
 public:
  void add(Consumer& consumer);
  /// With the filters that it was added with.
  void remove(Consumer& consumer);

  void on_messages(stream::Stream& stream, stream::SequenceRun readable) override;
  void on_removed(stream::Stream& stream,
                  std::span<const stream::RemovedMessage> messages) override;
  void on_reloaded(stream::Stream& stream) override;

 private:
  std::vector<Consumer*> all_;
  std::vector<Consumer*> unfiltered_;
  subject::Trie<std::vector<Consumer*>> by_filter_;
};

}  // namespace frond::consumer
