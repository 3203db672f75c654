// The questions consumers, direct get, query and sync ask of a stream.

#include "stream/log_stream.h"

#include "base/sort.h"

#include <algorithm>

namespace frond::stream {
namespace {

StoredMessage view(const store::MessageRecord& record) {
  return {.sequence = {record.sequence},
          .time = record.time,
          .subject = record.subject,
          .header = record.header,
          .payload = record.payload};
}

}  // namespace

StreamState LogStream::state() const {
  StreamState state;
  state.messages = store_->messages();
  state.bytes = store_->bytes();
  state.last = {store_->last()};
  // Before anything was stored both are 0, unless something has moved the first: as in nats-server.
  const bool untouched = store_->last() == 0 && !begun_;
  state.first = {untouched ? 0 : store_->first()};
  state.first_time = WallTime::min();
  if (state.messages > 0) {
    state.first_time = WallTime(Duration(store_->entry(state.first.value)->time_ns));
    state.deleted = state.last.value - state.first.value + 1 - state.messages;
  }
  state.last_time = store_->last_time() == WallTime{} ? WallTime::min() : store_->last_time();
  state.subjects = store_->subjects();
  return state;
}

Lookup LogStream::get(StreamSeq sequence) {
  store::MessageRecord record;
  Lookup found;
  const store::Read status = store_->read(sequence.value, record);
  if (status == store::Read::ok) {
    found.emplace(view(record));
  } else if (status == store::Read::unreadable) {
    found.unreadable = sequence;
  } else {
    note_damage();
  }
  return found;
}

Lookup LogStream::last_for(std::string_view filter) {
  Lookup found;
  std::uint64_t at = store_->index().last_matching(filter, ~std::uint64_t{0});
  while (at != 0) {
    found = get({at});
    if (found || found.unreadable) {
      break;
    }
    at = store_->index().last_matching(filter, at - 1);
  }
  return found;
}

Lookup LogStream::next_for(const subject::FilterSet& filters, StreamSeq from) {
  const std::uint64_t at = store_->index().next_matching(filters, from.value);
  Lookup found = at == 0 ? Lookup() : get({at});
  // A damaged one must not be passed over either: who counts what is before him would count it for
  // ever. It goes at the end of this input, and all are told.
  if (at != 0 && !found) {
    found.unreadable = {at};
  }
  return found;
}

std::optional<WallTime> LogStream::time_of(StreamSeq sequence) const {
  const store::IndexEntry* entry = store_->entry(sequence.value);
  return entry == nullptr ? std::nullopt : std::optional(WallTime(Duration(entry->time_ns)));
}

StreamSeq LogStream::next_subject(StreamSeq from, std::string_view& subject) const {
  const std::uint64_t at = store_->index().sequences().at_or_after(from.value);
  if (at != 0) {
    subject = store_->index().subject_of(*store_->entry(at));
  }
  return {at};
}

std::uint64_t LogStream::count_from(const subject::FilterSet& filters, StreamSeq from) const {
  return store_->index().count_matching(filters, from.value);
}

std::vector<StreamSeq> LogStream::last_per_subject(const subject::FilterSet& filters,
                                                   StreamSeq up_to) const {
  std::vector<StreamSeq> last;
  // Where most messages are the last of their subject, the order of the log is the quicker way.
  if (filters.all() && store_->messages() < 4 * store_->subjects()) {
    const store::SequenceIndex& index = store_->index().sequences();
    for (std::uint64_t at = index.at_or_after(0); at != 0 && at <= up_to.value;
         at = index.at_or_after(at + 1)) {
      const store::SequenceList& sequences = store_->index().sequences_of(*index.find(at));
      if (sequences.back() == at ||
          sequences.at(sequences.lower_bound(up_to.value + 1) - 1) == at) {
        last.push_back({at});
      }
    }
    return last;
  }
  store_->index().each_subject(filters, [&](std::string_view,
                                            const store::SequenceList& sequences) {
    const std::size_t above =
        sequences.back() <= up_to.value ? sequences.size() : sequences.lower_bound(up_to.value + 1);
    if (above > 0) {
      last.push_back({sequences.at(above - 1)});
    }
  });
  base::sort(last);
  return last;
}

StreamSeq LogStream::first_at(WallTime time) const {
  return {store_->index().sequences().first_at(time.time_since_epoch().count())};
}

std::vector<SubjectCount> LogStream::subjects(std::string_view filter) const {
  std::vector<SubjectCount> counts;
  store_->index().each_subject(subject::FilterSet::one(filter),
                               [&](std::string_view subject, const store::SequenceList& sequences) {
                                 counts.push_back({std::string(subject), sequences.size()});
                               });
  base::sort(counts,
             [](const SubjectCount& a, const SubjectCount& b) { return a.subject < b.subject; });
  return counts;
}

std::vector<SequenceRun> LogStream::deleted_runs(std::size_t runs_max) const {
  std::vector<SequenceRun> runs;
  if (store_->messages() == 0) {
    return runs;
  }
  const store::SequenceIndex& index = store_->index().sequences();
  std::uint64_t expected = store_->first();
  for (std::uint64_t at = expected; at != 0 && runs.size() < runs_max;
       at = index.at_or_after(at + 1)) {
    if (expected < at) {
      runs.push_back({{expected}, {at - 1}});
    }
    expected = at + 1;
  }
  if (expected <= store_->last() && runs.size() < runs_max) {
    runs.push_back({{expected}, {store_->last()}});
  }
  return runs;
}

}  // namespace frond::stream
