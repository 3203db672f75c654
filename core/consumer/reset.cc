// CONSUMER.RESET (JA-18): a consumer forgets its deliveries and goes on somewhere else.

#include "consumer/consumer.h"
#include "consumer/consumers.h"
#include "stream/error_table.h"

#include <algorithm>

namespace frond::consumer {

/// A reader may go back to where its configuration starts, not before.
std::string_view Consumer::reset_refusal(StreamSeq sequence) const {
  switch (config_.deliver_policy) {
    case DeliverPolicy::all:
      return {};
    case DeliverPolicy::by_start_sequence:
      return sequence.value < config_.opt_start_seq ? "below start seq" : "";
    case DeliverPolicy::by_start_time: {
      const StreamSeq found = stream_.first_at(*config_.opt_start_time);
      const StreamSeq start = found.none() ? stream_.state().last.next() : found;
      return sequence < start ? "below start time" : "";
    }
    case DeliverPolicy::fresh:
    case DeliverPolicy::last:
    case DeliverPolicy::last_per_subject:
      break;
  }
  return "not allowed";
}

std::string_view Consumer::reset(StreamSeq& sequence) {
  if (sequence.none()) {
    sequence = floor_stream_.next();
  } else if (const std::string_view refusal = reset_refusal(sequence); !refusal.empty()) {
    return refusal;
  }
  pending_.clear();
  redelivered_.clear();
  redeliver_.clear();
  skip_list_.clear();
  ack_deadline_ = kNever;
  next_stream_ = sequence;
  next_consumer_ = {1};
  floor_stream_ = delivered_stream_ = sequence.previous();
  floor_consumer_ = {};
  delivered_last_.reset();
  floor_last_.reset();
  recount();
  went_back();
  save_soon();
  wake();
  return {};
}

ResetOutcome Consumers::reset(Consumer& consumer, StreamSeq sequence) {
  const std::string_view refusal = consumer.reset(sequence);
  if (!refusal.empty()) {
    return {stream::api_error(10204, {refusal}), {}};
  }
  // pump() writes the state within this input, hence into the commit that is gathering now.
  return {{}, sequence, consumer.persistent() ? environment_.journal.open_ticket() : Ticket{0}};
}

}  // namespace frond::consumer
