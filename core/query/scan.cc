#include "query/scan.h"

#include "base/base64.h"
#include "base/limits.h"
#include "query/collation.h"

#include <algorithm>
#include <utility>

namespace frond::query {
namespace {

void append_sequence_key(std::string& out, StreamSeq sequence) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(sequence.value >> shift));
  }
}

}  // namespace

Scan::Scan(std::unique_ptr<Query> query, const stream::Stream& stream, Indexes* indexes)
    : matcher_(std::move(query)),
      query_(&matcher_.query()),
      indexes_(indexes),
      filters_(subject::FilterSet::one(query_->subject)),
      up_to_(stream.state().last),
      groups_(*query_) {
  if (!query_->up_to.none()) {
    up_to_ = std::min(up_to_, query_->up_to);
  }
  if (query_->up_to_time) {
    const StreamSeq after = stream.first_at(*query_->up_to_time + Duration(1));
    up_to_ = after.none() ? up_to_ : after.previous();
  }
  if (query_->limit > 0) {
    sorted_.keep(query_->limit + std::min(query_->skip, ~query_->limit));
  }
}

std::size_t Scan::cost() const {
  return sizeof(*this) + places_.capacity() * sizeof(StreamSeq) + gone_bytes_ + sorted_.cost() +
         groups_.cost();
}

Scan::Step Scan::step(stream::Stream& stream, std::string& rows, std::size_t& work) {
  switch (phase_) {
    case Phase::begin:
      return begin(stream, work);
    case Phase::look:
      return look(stream, rows, work);
    case Phase::send:
      break;
  }
  return send(stream, rows, work);
}

Scan::Step Scan::begin(stream::Stream& stream, std::size_t& work) {
  // A lost commit takes sequences back; what is not there any more is not waited for.
  if (std::min(up_to_, stream.state().last) > stream.durable_last()) {
    return Step::wait;
  }
  StreamIndexes* const indexes = indexes_ == nullptr ? nullptr : indexes_->find(stream);
  if (indexes != nullptr && indexes->behind() && !query_->selector.takes_all()) {
    const StreamSeq before = indexes->covered();
    indexes->advance(work);
    if (indexes->covered() > before) {
      return Step::more;
    }
  }
  if (!query_->log && !filters_.all()) {
    places_ = stream.last_per_subject(filters_, up_to_);
  }
  if ((indexes == nullptr || indexes->behind() || !use_index(stream, *indexes)) && !query_->log &&
      filters_.all()) {
    places_ = stream.last_per_subject(filters_, up_to_);
  }
  if (follows()) {
    stream.add_listener(this);
  }
  phase_ = Phase::look;
  return Step::more;
}

/// Takes the places from the index that names the fewest, if that is worth it.
bool Scan::use_index(const stream::Stream& stream, const StreamIndexes& indexes) {
  std::size_t fewest = (places_.empty() ? stream.state().messages : places_.size()) / 2;
  if (!filters_.all() && places_.empty()) {
    return false;
  }
  const Index* best = nullptr;
  std::vector<KeyRange> best_ranges;
  for (const Index& index : indexes.all()) {
    std::vector<KeyRange> ranges;
    if (!index.ranges_of(query_->selector, ranges)) {
      continue;
    }
    if (const std::size_t count = index.count(ranges); count <= fewest) {
      fewest = count;
      best = &index;
      best_ranges = std::move(ranges);
    }
  }
  if (best == nullptr) {
    return false;
  }
  index_ = best->name();
  places_.clear();
  best->collect(best_ranges, up_to_, places_);
  return true;
}

/// What an index names may be an earlier message of its subject.
bool Scan::is_last(const stream::Stream& stream, const stream::StoredMessage& message) const {
  if (!filters_.matches(message.subject)) {
    return false;
  }
  if (query_->log || message.sequence > up_to_) {
    return true;
  }
  const subject::FilterSet subject = subject::FilterSet::one(message.subject);
  const std::vector<StreamSeq> last = stream.last_per_subject(subject, up_to_);
  return !last.empty() && last.front() == message.sequence;
}

void Scan::on_removed(stream::Stream&, std::span<const stream::RemovedMessage> messages) {
  for (const stream::RemovedMessage& message : messages) {
    if (message.sequence > up_to_ || !filters_.matches(message.subject)) {
      continue;
    }
    auto place = gone_.end();
    while (place != gone_.begin() && message.sequence < std::prev(place)->sequence) {
      --place;
    }
    gone_.insert(place, {message.sequence, std::string(message.subject)});
    gone_bytes_ += sizeof(Gone) + message.subject.size();
  }
}

/// The message at this place, or what its subject has now.
stream::Lookup Scan::get(stream::Stream& stream, StreamSeq place) {
  stream::Lookup found = stream.get(place);
  if (found || found.unreadable) {
    return found;
  }
  const auto gone = std::lower_bound(
      gone_.begin(), gone_.end(), place,
      [](const Gone& each, StreamSeq sequence) { return each.sequence < sequence; });
  if (gone == gone_.end() || gone->sequence != place) {
    return found;
  }
  // An index may name several messages of one subject, of which one is replaced.
  for (const Gone& each : gone_) {
    if (!index_.empty() && each.replaced && &each != &*gone && each.subject == gone->subject) {
      return found;
    }
  }
  gone->replaced = true;
  return stream.last_for(gone->subject);
}

stream::Lookup Scan::next(stream::Stream& stream) {
  stream::Lookup found;
  if (!walks_log()) {
    while (at_ < places_.size() && !found && !found.unreadable) {
      found = get(stream, places_[at_++]);
    }
    return found;
  }
  found = stream.next_for(filters_, from_);
  if (found) {
    from_ = found->sequence.next();
    if (found->sequence > up_to_) {
      found.reset();
    }
  }
  return found;
}

Scan::Step Scan::look(stream::Stream& stream, std::string& rows, std::size_t& work) {
  for (std::size_t left = base::query_step_documents; left > 0; --left) {
    if (!sorts() && full()) {
      return Step::done;
    }
    const stream::Lookup message = next(stream);
    if (message.unreadable) {
      return Step::unreadable;
    }
    if (!message) {
      phase_ = Phase::send;
      for (std::size_t i = 0; i < groups_.size(); ++i) {
        if (!sorted_.add(groups_.key(i), i)) {
          return Step::too_large;
        }
      }
      sorted_.finish();
      return Step::more;
    }
    if (!walks_log() && message->sequence > stream.durable_last()) {
      --at_;
      return Step::wait;
    }
    if (!matcher_.wants(*message, work) || (!index_.empty() && !is_last(stream, *message))) {
      continue;
    }
    if (!take(*message, rows)) {
      return Step::too_large;
    }
    if (rows.size() >= base::query_batch_bytes) {
      return Step::batch;
    }
  }
  return Step::more;
}

std::string Scan::row_key(const stream::StoredMessage& message) {
  std::string key;
  for (const SortKey& part : query_->sort) {
    const std::size_t begin = key.size();
    append_key(key, query_->keys[part.slot]);
    if (part.descending) {
      invert(key, begin);
    }
  }
  append_sequence_key(key, message.sequence);
  return key;
}

bool Scan::take(const stream::StoredMessage& message, std::string& rows) {
  if (query_->explain || query_->count) {
    ++count_;
    return true;
  }
  if (!query_->keys.read(message)) {
    return true;
  }
  if (query_->grouped) {
    return groups_.add();
  }
  std::string key = row_key(message);
  if (!query_->bookmark.empty() && key <= query_->bookmark) {
    return true;
  }
  if (sorts()) {
    return sorted_.add(std::move(key), message.sequence.value);
  }
  if (skipped_ < query_->skip) {
    ++skipped_;
    return true;
  }
  last_key_ = std::move(key);
  matcher_.print(message, rows);
  ++sent_;
  return true;
}

Scan::Step Scan::send(stream::Stream& stream, std::string& rows, std::size_t& work) {
  for (std::size_t left = base::query_step_documents; left > 0; --left) {
    const Rows::Row* const row = full() ? nullptr : sorted_.first();
    if (row == nullptr) {
      return Step::done;
    }
    const std::size_t before = rows.size();
    if (skipped_ < query_->skip) {
      ++skipped_;
    } else if (query_->grouped) {
      rows.append(rows.empty() ? "" : ",");
      groups_.print(rows, row->place);
      ++sent_;
    } else {
      const stream::Lookup message = get(stream, {row->place});
      if (message.unreadable) {
        return Step::unreadable;
      }
      if (message && message->sequence > stream.durable_last()) {
        return Step::wait;
      }
      const bool moved = message && message->sequence.value != row->place;
      if (message && (!moved || matcher_.wants(*message, work))) {
        matcher_.print(*message, rows);
        ++sent_;
        last_key_ = row->key;
      }
    }
    sorted_.pop();
    work += base::query_document_cost + rows.size() - before;
    if (rows.size() >= base::query_batch_bytes) {
      return Step::batch;
    }
  }
  return Step::more;
}

std::string Scan::summary() const {
  std::string out;
  if (query_->count || query_->explain) {
    out.append(R"("count":)").append(std::to_string(count_)).append(",");
  }
  if (!last_key_.empty() && full()) {
    out.append(R"("bookmark":")").append(base::base64_encode(last_key_)).append("\",");
  }
  if (!index_.empty()) {
    out.append(R"("index":)");
    append_json(out, plain_text(index_));
    out.push_back(',');
  }
  out.append(R"("scanned":)").append(std::to_string(matcher_.scanned()));
  out.append(R"(,"no_json":)").append(std::to_string(matcher_.no_json()));
  return out.append(R"(,"last_seq":)").append(std::to_string(up_to_.value));
}

}  // namespace frond::query
