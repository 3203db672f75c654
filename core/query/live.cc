#include "query/live.h"

#include "base/limits.h"

namespace frond::query {

Live::Live(std::unique_ptr<Query> query, stream::Stream& stream, bool& woken)
    : matcher_(std::move(query)),
      filters_(subject::FilterSet::one(matcher_.query().subject)),
      woken_(woken) {
  stream.add_listener(this);
}

std::size_t Live::cost() const {
  return sizeof(*this) + places_.capacity() * sizeof(StreamSeq) + subjects_.bytes() +
         known_.capacity() * sizeof(Known) + marked_.capacity() * sizeof(std::uint32_t);
}

void Live::begin_anew() {
  anew_ = true;
  woken_ = true;
}

std::uint32_t Live::number_of(std::string_view subject) {
  const std::uint32_t number = subjects_.add(subject);
  if (number == known_.size()) {
    known_.emplace_back();
  }
  return number;
}

void Live::mark(std::string_view subject) {
  woken_ = true;
  if (anew_ || !filters_.matches(subject)) {
    return;
  }
  const std::uint32_t number = number_of(subject);
  if (!std::exchange(known_[number].marked, true)) {
    marked_.push_back(number);
  }
  // Subjects that have no row any more are kept until they are many.
  if (known_.size() > base::query_rows_max && known_.size() > 2 * rows_ + marked_.size()) {
    begin_anew();
  }
}

void Live::on_messages(stream::Stream& stream, stream::SequenceRun readable) {
  std::string_view subject;
  for (StreamSeq at = stream.next_subject(readable.first, subject);
       !at.none() && at <= readable.last && !anew_; at = stream.next_subject(at.next(), subject)) {
    mark(subject);
  }
  woken_ = true;
}

void Live::on_removed(stream::Stream&, std::span<const stream::RemovedMessage> messages) {
  for (const stream::RemovedMessage& message : messages) {
    mark(message.subject);
  }
}

void Live::begin(const stream::Stream& stream) {
  subjects_.clear();
  known_.clear();
  marked_.clear();
  at_ = rows_ = place_ = 0;
  anew_ = ready_ = false;
  reset_ = true;
  places_ = stream.last_per_subject(filters_, stream.durable_last());
}

bool Live::look_first(stream::Stream& stream, std::string& changes, std::size_t& work) {
  const stream::Lookup message = stream.get(places_[place_]);
  if (message.unreadable) {
    return false;
  }
  ++place_;
  // One that has gone meanwhile has marked its subject.
  if (message && matcher_.wants(*message, work)) {
    known_[number_of(message->subject)].told = message->sequence;
    ++rows_;
    matcher_.print(*message, changes, "added");
  }
  return true;
}

Live::Step Live::step(stream::Stream& stream, std::string& changes, std::size_t& work) {
  if (anew_) {
    changes.clear();
    begin(stream);
    return Step::more;
  }
  for (std::size_t left = base::query_step_documents; left > 0; --left) {
    const bool first = place_ < places_.size();
    if (!first && at_ == marked_.size()) {
      break;
    }
    if (!(first ? look_first(stream, changes, work) : look(stream, marked_[at_], changes, work))) {
      return Step::unreadable;
    }
    at_ += first ? 0 : 1;
    if (rows_ > base::query_rows_max) {
      return Step::too_large;
    }
    if (changes.size() >= base::query_batch_bytes) {
      return Step::batch;
    }
  }
  if (place_ < places_.size() || at_ < marked_.size()) {
    return Step::more;
  }
  places_ = {};
  marked_.clear();
  at_ = place_ = 0;
  last_ = stream.durable_last();
  return std::exchange(ready_, true) && changes.empty() ? Step::idle : Step::ready;
}

bool Live::look(stream::Stream& stream, std::uint32_t number, std::string& changes,
                std::size_t& work) {
  Known& known = known_[number];
  const std::string& subject = subjects_[number];
  const stream::Lookup message = stream.last_for(subject);
  if (message.unreadable) {
    return false;
  }
  known.marked = false;
  if (message && message->sequence > stream.durable_last()) {
    return true;  // It is marked again when it is durable.
  }
  if (message && message->sequence == known.told) {
    return true;
  }
  if (message && matcher_.wants(*message, work)) {
    matcher_.print(*message, changes, known.told.none() ? "added" : "changed");
    rows_ += known.told.none() ? 1 : 0;
    known.told = message->sequence;
  } else if (!known.told.none()) {
    changes.append(changes.empty() ? "" : ",").append(R"({"op":"removed","seq":)");
    changes.append(std::to_string(known.told.value)).append(R"(,"subject":)");
    append_json(changes, plain_text(subject));
    changes.push_back('}');
    known.told = {};
    --rows_;
  }
  work += base::query_document_cost;
  return true;
}

}  // namespace frond::query
