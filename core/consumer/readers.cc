#include "consumer/readers.h"

#include "consumer/consumer.h"

namespace frond::consumer {

void Readers::add(Consumer& consumer) {
  all_.push_back(&consumer);
  const subject::FilterSet& filters = consumer.filters();
  if (filters.all()) {
    unfiltered_.push_back(&consumer);
  }
  for (const auto list : {filters.literals(), filters.patterns()}) {
    for (const std::string& filter : list) {
      by_filter_.at(filter).push_back(&consumer);
    }
  }
}

void Readers::remove(Consumer& consumer) {
  std::erase(all_, &consumer);
  std::erase(unfiltered_, &consumer);
  for (const auto list : {consumer.filters().literals(), consumer.filters().patterns()}) {
    for (const std::string& filter : list) {
      std::vector<Consumer*>* wanting = by_filter_.find(filter);
      std::erase(*wanting, &consumer);
      if (wanting->empty()) {
        by_filter_.erase(filter);
      }
    }
  }
}

void Readers::on_messages(stream::Stream& stream, stream::SequenceRun readable) {
  if (all_.empty()) {
    return;
  }
  std::uint64_t count = 0;
  std::string_view subject;
  for (StreamSeq at = stream.next_subject(readable.first, subject);
       !at.none() && at <= readable.last; at = stream.next_subject(at.next(), subject)) {
    ++count;
    by_filter_.match_literal(subject, [at](const std::vector<Consumer*>& wanting) {
      for (Consumer* one : wanting) {
        one->on_message(at);
      }
    });
  }
  for (Consumer* one : unfiltered_) {
    one->on_messages(readable, count);
  }
}

void Readers::on_removed(stream::Stream&, std::span<const stream::RemovedMessage> messages) {
  if (all_.empty()) {
    return;
  }
  for (const stream::RemovedMessage& message : messages) {
    by_filter_.match_literal(message.subject, [&](const std::vector<Consumer*>& wanting) {
      for (Consumer* one : wanting) {
        one->on_removed(message.sequence);
      }
    });
    for (Consumer* one : unfiltered_) {
      one->on_removed(message.sequence);
    }
  }
}

void Readers::on_reloaded(stream::Stream&) {
  for (Consumer* one : all_) {
    one->on_reloaded();
  }
}

}  // namespace frond::consumer
