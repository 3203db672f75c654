#pragma once
// A local stream in memory for the tests of sync: what it holds is durable when the test says so.

#include "stream/stream.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace frond::sync {

inline Instant at_ms(std::int64_t ms) { return Instant(std::chrono::milliseconds(ms)); }
inline WallTime wall(Instant at) { return WallTime(at.time_since_epoch()); }

/// A stream in memory; what it holds is durable when the test says so.
class FakeStream final : public stream::Stream {
 public:
  struct Kept {
    WallTime time{};
    std::string subject, header, payload;
  };
  const stream::StreamConfig& config() const override { return settings; }
  WallTime created() const override { return created_at; }
  const std::string& identity() const override { return settings.name; }
  const std::string& directory() const override { return folder; }
  stream::StreamState state() const override {
    stream::StreamState state;
    state.messages = kept.size();
    state.last = last;
    return state;
  }
  StreamSeq durable_last() const override { return durable; }
  stream::IngestResult ingest(const base::Message& message, Instant now) override {
    return store_at(last.next(), wall(now), message, now);
  }
  stream::IngestResult ingest_sourced(const base::Message& message, Instant now) override {
    return ingest(message, now);
  }
  stream::IngestResult store_at(StreamSeq sequence, WallTime time, const base::Message& message,
                                Instant) override {
    if (full) {
      return {{503, 10077, "maximum messages exceeded"}, {}, false, Ticket{0}};
    }
    if (sequence > last) {
      last = sequence;
      kept[last] = {time, std::string(message.subject), std::string(message.header),
                    std::string(message.payload)};
    }
    return {{}, last, false, Ticket{0}};
  }
  Ticket skip_to(StreamSeq next, Instant) override {
    last = next.previous();
    return Ticket{0};
  }
  bool rewind(StreamSeq to, Instant) override {
    if (damaged) {
      return false;
    }
    kept.erase(kept.upper_bound(to), kept.end());
    last = std::min(last, to);
    durable = std::min(durable, to);
    for (stream::StreamListener* listener : std::set(listeners)) {
      listener->on_reloaded(*this);
    }
    return true;
  }
  stream::Lookup get(StreamSeq sequence) override {
    stream::Lookup out;
    const auto at = kept.find(sequence);
    if (at == kept.end() || sequence == rotten) {
      return out;
    }
    if (unreadable) {
      out.unreadable = sequence;
      return out;
    }
    return stream::StoredMessage{sequence, at->second.time, at->second.subject, at->second.header,
                                 at->second.payload};
  }
  stream::Lookup last_for(std::string_view) override {
    return kept.empty() ? stream::Lookup() : get(kept.rbegin()->first);
  }
  stream::Lookup next_for(const subject::FilterSet&, StreamSeq from) override {
    const auto at = kept.lower_bound(from);
    stream::Lookup out = at == kept.end() ? stream::Lookup() : get(at->first);
    if (at != kept.end() && !out) {
      out.unreadable = at->first;
    }
    return out;
  }
  std::optional<WallTime> time_of(StreamSeq sequence) const override {
    const auto at = kept.find(sequence);
    return at == kept.end() ? std::nullopt : std::optional(at->second.time);
  }
  /// The host has no descriptor left: nothing that is stored can be read.
  bool unreadable = false;
  StreamSeq rotten;  ///< This one is damaged, and still counted.
  /// The damaged one goes.
  void drop_rotten() {
    const stream::RemovedMessage one{rotten, kept.at(rotten).subject};
    for (stream::StreamListener* listener : std::set(listeners)) {
      listener->on_removed(*this, {&one, 1});
    }
    kept.erase(std::exchange(rotten, {}));
  }
  std::uint64_t count_from(const subject::FilterSet&, StreamSeq from) const override {
    return static_cast<std::uint64_t>(std::distance(kept.lower_bound(from), kept.end()));
  }
  StreamSeq next_subject(StreamSeq from, std::string_view& subject) const override {
    const auto at = kept.lower_bound(from);
    if (at == kept.end()) return {};
    subject = at->second.subject;
    return at->first;
  }
  std::vector<StreamSeq> last_per_subject(const subject::FilterSet&, StreamSeq) const override {
    return {};
  }
  StreamSeq first_at(WallTime) const override { return {}; }
  std::vector<stream::SubjectCount> subjects(std::string_view) const override { return {}; }
  std::vector<stream::SequenceRun> deleted_runs(std::size_t) const override { return {}; }
  bool erase(StreamSeq sequence, Instant) override { return kept.erase(sequence) > 0; }
  std::uint64_t purge(const stream::PurgeRequest&, Instant) override { return 0; }
  Ticket ticket() const override { return unsaved; }
  void add_listener(stream::StreamListener* listener) override { listeners.insert(listener); }
  void remove_listener(stream::StreamListener* listener) override { listeners.erase(listener); }
  void set_mirror_status(OriginStatus status) override { origin = std::move(status); }
  const std::optional<OriginStatus>& mirror_status() const override { return origin; }

  stream::StreamConfig settings;
  std::string folder = "streams/S";
  WallTime created_at = wall(at_ms(5));
  std::map<StreamSeq, Kept> kept;
  StreamSeq last, durable;
  Ticket unsaved{0};  // With which what it holds becomes durable.
  bool full = false;
  bool damaged = false;  // Cannot go back.
  std::set<stream::StreamListener*> listeners;
  std::optional<OriginStatus> origin;
};

}  // namespace frond::sync
