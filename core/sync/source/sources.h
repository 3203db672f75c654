#pragma once
// A stream that is fed from others: one reader for each source, and where each of them is, which
// goes into sources.state with the same commit as the messages. So nothing is taken twice or left
// out over a crash, and what was taken stays taken when it is purged here. Without that file, or
// with one that is of another age than the stream, the headers of the messages tell.

#include "store/state_file.h"
#include "stream/stream.h"
#include "sync/source/source.h"
#include "sync/way.h"

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace frond::sync {

class Sources final : public Way, public stream::StreamListener {
 public:
  /// `stream` has sources; `directory` is where its files are ("streams/ORD").
  Sources(SyncContext& context, stream::Stream& stream, const std::string& directory);
  ~Sources() override;

  // Way. Sources that are streams of this node need no link.
  void begin(Instant now) override;
  void up(Instant now) override;
  void down(Instant now) override;
  void tick(Instant now) override;
  Instant next_deadline() const override;
  SyncStatus status() const override;
  std::vector<stream::Stream::OriginStatus> origins() const override;
  void forget() override { file_.remove(); }

  // stream::StreamListener.
  void on_messages(stream::Stream&, stream::SequenceRun) override {}
  void on_removed(stream::Stream&, std::span<const stream::RemovedMessage>) override {}
  void on_reloaded(stream::Stream&) override { reread_ = true; }

 private:
  using Positions = std::map<stream::SourceName, SourcePosition>;
  Positions read_positions();
  void scan(StreamSeq from, Positions& positions);
  void save();
  void start(bool local, Instant now);

  SyncContext& context_;
  stream::Stream& stream_;
  store::StateFile file_;
  std::vector<std::unique_ptr<Source>> sources_;  // In the order of the config.
  Positions positions_;                           // As saved last, with sources of older configs.
  Positions durable_;
  bool reread_ = false;  // The stream was reloaded: positions go back with it.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // For actions in the gate.
};

extern const WayKind source_way;

}  // namespace frond::sync
