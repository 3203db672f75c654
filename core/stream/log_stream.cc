#include "stream/log_stream.h"

#include "base/limits.h"
#include "base/retry_pause.h"
#include "base/sort.h"
#include "base/time_sum.h"
#include "stream/error_table.h"
#include "wire/headers.h"

#include <algorithm>

namespace frond::stream {
namespace {

std::uint64_t base_of(const StreamConfig& config) {
  return config.first_seq == 0 ? 0 : config.first_seq - 1;
}

}  // namespace

LogStream::LogStream(StreamMeta meta, std::string directory, std::optional<store::StorePlace> place,
                     StreamSet& set, const base::Clock& clock)
    : meta_(std::move(meta)),
      directory_(std::move(directory)),
      place_(std::move(place)),
      set_(set),
      clock_(clock),
      store_(fresh_store()),
      readable_{store_->durable_last()},
      begun_(meta_.config.first_seq > 0) {}

LogStream::~LogStream() {
  if (place_) {
    place_->journal.withdraw(*this);
  }
}

std::unique_ptr<store::MessageStore> LogStream::fresh_store() {
  std::optional<store::StorePlace> place = place_;
  if (place) {
    place->client = this;
  }
  return std::make_unique<store::MessageStore>(std::move(place), base_of(meta_.config),
                                               &set_.stored_bytes(meta_.config.storage));
}

void LogStream::before_seal() {
  store_->flush();
  set_.in_commit(*this);
  note_damage();
}

std::vector<store::BlockFault> LogStream::load(Instant now) {
  // They are told of all this at once, by tell_reloaded().
  std::vector<StreamListener*> listeners = std::exchange(listeners_, {});
  store_ = fresh_store();
  std::vector<store::BlockFault> faults = store_->recover();
  if (!arrivals_.begun()) {
    arrivals_.begin(clock_.wall(now).time_since_epoch() - now.time_since_epoch(), now);
  }
  // What had been decided in a commit that never became durable is decided again.
  if (meta_.config.max_msgs_per_subject > 0 && !meta_.config.sealed) {
    std::vector<std::string> over;
    store_->index().each_subject(
        {}, [&](std::string_view subject, const store::SequenceList& sequences) {
          if (sequences.size() > static_cast<std::size_t>(meta_.config.max_msgs_per_subject)) {
            over.emplace_back(subject);
          }
        });
    for (const std::string& subject : over) {
      enforce_limits(subject);
    }
  }
  enforce_totals();
  expire(now);
  rebuild_duplicates(now);
  readable_ = {store_->durable_last()};
  listeners_ = std::move(listeners);
  note_damage();
  return faults;
}

void LogStream::rebuild_duplicates(Instant now) {
  duplicates_.clear();
  last_message_id_.clear();
  const auto id_of = [](const store::MessageRecord& record) {
    return record.header.empty() ? std::string_view{}
                                 : wire::header_value(record.header, "Nats-Msg-Id").value_or("");
  };
  store::MessageRecord record;
  // What is known to have no header is not read: these may be all messages of two busy minutes.
  const auto read = [&](std::uint64_t sequence) {
    return store_->entry(sequence) != nullptr && !store_->bare(sequence) &&
           store_->read(sequence, record) == store::Read::ok;
  };
  if (read(store_->last())) {
    last_message_id_ = id_of(record);
  }
  const Duration window = meta_.config.duplicate_window;
  if (window <= Duration::zero() || meta_.config.mirror) {
    return;
  }
  const store::SequenceIndex& index = store_->index().sequences();
  std::uint64_t at =
      index.first_at(arrivals_.earliest_time(now - window).time_since_epoch().count());
  for (; at != 0; at = index.at_or_after(at + 1)) {
    if (!read(at)) {
      continue;
    }
    if (const std::string_view id = id_of(record); !id.empty()) {
      duplicates_.add(id, at, arrival(at));
    }
  }
}

void LogStream::reconfigure(StreamConfig config, Instant now) {
  meta_.config = std::move(config);
  if (meta_.config.sealed) {
    return;
  }
  if (meta_.config.max_msgs_per_subject > 0) {
    std::vector<std::string> all;
    store_->index().each_subject({}, [&](std::string_view subject, const store::SequenceList&) {
      all.emplace_back(subject);
    });
    for (const std::string& subject : all) {
      enforce_limits(subject);
    }
  }
  enforce_totals();
  expire(now);
  duplicates_.expire(now, meta_.config.duplicate_window);
  tell_removed();
}

/// Per-subject limit.
void LogStream::enforce_limits(std::string_view subject) {
  if (meta_.config.max_msgs_per_subject <= 0) {
    return;
  }
  const auto limit = static_cast<std::size_t>(meta_.config.max_msgs_per_subject);
  for (const store::SequenceList* sequences = store_->index().sequences_of(subject);
       sequences != nullptr && sequences->size() > limit;
       sequences = store_->index().sequences_of(subject)) {
    remove(sequences->front());
  }
}

/// max_msgs and max_bytes, from the oldest message on. Under discard new what is there stays, also
/// when an update has set a limit below it.
void LogStream::enforce_totals() {
  const StreamConfig& config = meta_.config;
  if (config.discard == Discard::newest) {
    return;
  }
  while (
      store_->messages() > 0 &&
      ((config.max_msgs > 0 && store_->messages() > static_cast<std::uint64_t>(config.max_msgs)) ||
       (config.max_bytes > 0 && store_->bytes() > static_cast<std::uint64_t>(config.max_bytes)))) {
    remove(store_->first());
  }
}

void LogStream::expire(Instant now) {
  const Duration max_age = meta_.config.max_age;
  if (max_age <= Duration::zero() || meta_.config.sealed) {
    return;
  }
  bool removed = false;
  while (store_->messages() > 0) {
    const std::uint64_t first = store_->first();
    if (now - arrival(first) < max_age) {
      break;
    }
    remove(first);
    removed = true;
  }
  if (removed) {
    arrivals_.forget_before(store_->first());
    tell_removed();
  }
  set_.expires_at(next_deadline());
}

Instant LogStream::next_deadline() const {
  if (meta_.config.max_age <= Duration::zero() || meta_.config.sealed || store_->messages() == 0) {
    return kNever;
  }
  const Instant oldest = arrival(store_->first());
  return base::after(oldest, meta_.config.max_age);
}

Instant LogStream::arrival(std::uint64_t sequence) const {
  return arrivals_.of(sequence, WallTime(Duration(store_->entry(sequence)->time_ns)));
}

Ticket LogStream::ack_ticket(Ticket ticket) const {
  return meta_.config.persist_mode == PersistMode::async ? Ticket{0} : ticket;
}

IngestResult LogStream::store_at(StreamSeq sequence, WallTime time, const base::Message& message,
                                 Instant now) {
  if (now < fenced_until_) {
    return {.error = api_error(10077, {"storage commit failed"}), .sequence = sequence};
  }
  if (sequence.value <= store_->last() || sequence.value > base::sequence_max) {
    return {.error = {}, .sequence = sequence, .ticket = ack_ticket(store_->ticket())};
  }
  const IngestResult result = stored({.sequence = sequence.value,
                                      .time = time,
                                      .subject = message.subject,
                                      .header = message.header,
                                      .payload = message.payload},
                                     std::min(clock_.instant(time), now));
  expire(now);
  if (!place_) {
    tell_messages();
  }
  return result;
}

Ticket LogStream::skip_to(StreamSeq next, Instant) {
  store_->skip_to(next.value);
  if (!place_) {
    tell_messages();
  }
  return ack_ticket(store_->ticket());
}

bool LogStream::rewind(StreamSeq last, Instant now) {
  if (!store_->rewind(last.value)) {
    note_damage();
    return false;
  }
  rebuild_duplicates(now);
  readable_ = std::min(readable_, last);
  tell_reloaded();
  return true;
}

bool LogStream::erase(StreamSeq sequence, Instant) {
  if (!remove(sequence.value)) {
    return false;
  }
  tell_removed();
  return true;
}

std::uint64_t LogStream::purge(const PurgeRequest& request, Instant) {
  // Sequence 1 means up to but not including the first: nothing.
  if (request.before.value == 1) {
    return 0;
  }
  std::uint64_t purged = 0;
  const bool all = request.filter.empty() || request.filter == ">";
  if (all && request.before.value > 1) {
    purged = remove_range(0, request.before.value - 1);
    store_->skip_to(request.before.value);
  } else if (all && request.keep == 0) {
    purged = remove_range(0, store_->last());
    begun_ = true;
  } else {
    purged = purge_filtered(request);
  }
  tell_removed();
  if (!place_) {
    tell_messages();
  }
  return purged;
}

std::uint64_t LogStream::purge_filtered(const PurgeRequest& request) {
  std::vector<std::uint64_t> matching;
  store_->index().each_subject(subject::FilterSet::one(request.filter),
                               [&](std::string_view, const store::SequenceList& sequences) {
                                 for (std::size_t i = 0; i < sequences.size(); ++i) {
                                   matching.push_back(sequences.at(i));
                                 }
                               });
  base::sort(matching);
  if (request.before.value > 0) {
    matching.erase(std::lower_bound(matching.begin(), matching.end(), request.before.value),
                   matching.end());
  }
  if (request.keep >= matching.size()) {
    return 0;
  }
  matching.resize(matching.size() - request.keep);
  for (const std::uint64_t sequence : matching) {
    remove(sequence);
  }
  return matching.size();
}

void LogStream::fence(Instant now) {
  fenced_until_ =
      now + base::retry_pause(++fences_, base::storage_retry_delay, base::storage_fence_max);
}

}  // namespace frond::stream
