// What listeners are told of a stream (StreamListener in stream.h): which messages went, and which
// may be read.

#include "stream/log_stream.h"

#include "base/sort.h"

#include <vector>

namespace frond::stream {
namespace {

// Removed messages that listeners are told of in one call: a purge of millions must not be listed.
constexpr std::size_t told_removed_max = 4096;

}  // namespace

/// Every removal while the stream is in use goes through this and the next one: listeners are told
/// of it with tell_removed(), or before, when that has become much.
bool LogStream::remove(std::uint64_t sequence) {
  if (store_->entry(sequence) == nullptr) {
    return false;
  }
  note_removal(sequence);
  store_->remove(sequence);
  if (gone_.size() >= told_removed_max) {
    tell_removed();
  }
  return true;
}

std::uint64_t LogStream::remove_range(std::uint64_t first, std::uint64_t last) {
  if (listeners_.empty()) {
    return store_->remove_range(first, last);
  }
  std::uint64_t removed = 0;
  const store::SequenceIndex& index = store_->index().sequences();
  for (std::uint64_t at = index.at_or_after(first); at != 0 && at <= last;) {
    std::uint64_t end = at;
    for (; at != 0 && at <= last && gone_.size() < told_removed_max;
         at = index.at_or_after(at + 1)) {
      note_removal(at);
      end = at;
    }
    removed += store_->remove_range(first, end);
    first = end + 1;
    tell_removed();
  }
  return removed;
}

std::vector<store::BlockFault> LogStream::drop_damaged() {
  std::vector<std::uint64_t> damaged;
  std::vector<store::BlockFault> faults = store_->examine(damaged);
  for (const std::uint64_t sequence : damaged) {
    note_removal(sequence);
    store_->forget(sequence);
    if (gone_.size() >= told_removed_max) {
      tell_removed();
    }
  }
  tell_removed();
  base::sort(damaged);
  duplicates_.forget(damaged);
  return faults;
}

void LogStream::note_removal(std::uint64_t sequence) {
  if (!listeners_.empty()) {
    gone_.push_back({sequence, store_->entry(sequence)->subject});
  }
}

void LogStream::add_listener(StreamListener* listener) { listeners_.push_back(listener); }
void LogStream::remove_listener(StreamListener* listener) { std::erase(listeners_, listener); }

// Listeners may come and go while they are told.
void LogStream::tell_messages() {
  const StreamSeq last{store_->durable_last()};
  if (last <= readable_) {
    return;
  }
  const SequenceRun run{readable_.next(), last};
  readable_ = last;
  for (StreamListener* listener : std::vector(listeners_)) {
    listener->on_messages(*this, run);
  }
}

void LogStream::tell_removed() {
  if (gone_.empty()) {
    return;
  }
  std::vector<RemovedMessage> messages;
  messages.reserve(gone_.size());
  for (const Gone& one : gone_) {
    messages.push_back({{one.sequence}, store_->index().subject_named(one.subject)});
  }
  gone_.clear();
  for (StreamListener* listener : std::vector(listeners_)) {
    listener->on_removed(*this, messages);
  }
}

void LogStream::tell_reloaded() {
  for (StreamListener* listener : std::vector(listeners_)) {
    listener->on_reloaded(*this);
  }
}

}  // namespace frond::stream
