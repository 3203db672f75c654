// Single subjects: what the hub has of one when the order of things has left a doubt, and the app
// that is asked which of two values counts.

#include "base/base64.h"
#include "base/limits.h"
#include "base/nuid.h"
#include "base/time_text.h"
#include "sync/api_json.h"
#include "sync/retry_pause.h"
#include "sync/two_way/two_way.h"
#include "wire/headers.h"
#include "wire/json_reader.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace frond::sync {

namespace {

constexpr std::size_t looks_max = 1024;
constexpr std::size_t conflicts_max = 1024;
constexpr int base_versions_max = 256;
constexpr std::uint16_t no_message_found = 10037;
constexpr Duration answer_timeout = std::chrono::seconds(10);

/// One side of a conflict, as STREAM.MSG.GET shows a message.
wire::Json side(StreamSeq sequence, WallTime time, std::string_view header,
                std::string_view payload) {
  wire::Json json = wire::Json::object();
  json["seq"] = sequence.value;
  json["time"] = base::rfc3339_format(time);
  if (!header.empty()) {
    json["hdrs"] = base::base64_encode(header);
  }
  json["data"] = base::base64_encode(payload);
  return json;
}

}  // namespace

// --- Looking ---------------------------------------------------------------------------------

void TwoWay::look_later(const std::string& subject) {
  if (std::ranges::find(state_.looks, subject) != state_.looks.end()) {
    return;
  }
  if (state_.looks.size() >= looks_max) {
    state_.looks.clear();  // Then all of them are looked at.
    state_.compare = reread_ = true;
    return;
  }
  state_.looks.push_back(subject);
  save_due_ = true;
}

void TwoWay::look(Instant now) {
  if (look_.waiting() || (look_at_ != kNever && look_at_ > now)) {
    return;
  }
  look_at_ = kNever;
  if (!state_.looks.empty()) {
    looking_at_ = state_.looks.front();
  } else if (!state_.conflicts.empty() && !question_) {
    looking_at_ = state_.conflicts.front();
  } else {
    return;
  }
  looked_from_ = {};
  if (const stream::Lookup mine = stream_.last_for(looking_at_); mine && !is_open(*mine)) {
    looked_from_ = mine->sequence;
  }
  wire::Json question = wire::Json::object();
  question["last_by_subj"] = looking_at_;
  look_.send(
      Peer::hub, plan_.api + ".STREAM.MSG.GET." + plan_.stream, wire::print_json(question),
      [this](std::string_view body, Instant when) { looked(body, when); }, now);
}

void TwoWay::looked(std::string_view body, Instant now) {
  if (!level_) {
    return;  // Whether it is the hub that we know is being asked: it is looked at again.
  }
  const StoredAt answer = read_stored_at(body);
  if (answer.error.err_code == no_message_found) {
    hub_has_none(now);
    look_done(true, now);
    return;
  }
  if (!answer.readable || answer.error || answer.sequence.none() || !answer.time ||
      answer.subject != looking_at_) {
    error_ = answer.error ? answer.error.description : "the hub does not show " + looking_at_;
    look_done(false, now);
    return;
  }
  const HubValue value{.sequence = answer.sequence,
                       .time = *answer.time,
                       .subject = answer.subject,
                       .header = answer.header,
                       .payload = answer.payload};
  // What has changed here since the question is older or newer than the answer: who knows.
  const stream::Lookup settled = stream_.last_for(looking_at_);
  if (settled && !is_open(*settled) && settled->sequence != looked_from_) {
    look_at_ = now;
    return;
  }
  const bool taken = apply(value, true, now);
  if (taken && in_conflict(looking_at_)) {
    if (const stream::Lookup mine = stream_.last_for(looking_at_); mine && is_open(*mine)) {
      pose(value, *mine, now);
    } else {
      std::erase(state_.conflicts, looking_at_);
    }
  }
  look_done(taken, now);
}

void TwoWay::look_done(bool done, Instant now) {
  pump_due_ = true;
  if (!done) {
    look_at_ = now + retry_pause(++look_failures_);
    return;
  }
  look_failures_ = 0;
  if (std::erase(state_.looks, looking_at_) > 0) {
    save_due_ = true;
  }
}

void TwoWay::hub_has_none(Instant now) {
  at_hub_.erase(looking_at_);
  std::erase(state_.conflicts, looking_at_);
  if (OpenWrite* write = open_.first_of(looking_at_)) {
    write->expected = write->held = write->not_before = {};
    return;
  }
  // Only what stood here already when the hub was asked.
  const stream::Lookup mine = stream_.last_for(looking_at_);
  if (mine && mine->sequence == looked_from_ && !is_open(*mine)) {
    remove_here(looking_at_, now);
  }
}

// --- Asking the app --------------------------------------------------------------------------

bool TwoWay::in_conflict(std::string_view subject) const {
  return std::ranges::find(state_.conflicts, subject) != state_.conflicts.end();
}

/// The subject's writes wait until the app has answered.
void TwoWay::conflict(const std::string& subject) {
  if (question_ && question_->subject == subject) {
    question_->hub = {};  // It has changed since.
  }
  if (!in_conflict(subject) && state_.conflicts.size() < conflicts_max) {
    state_.conflicts.push_back(subject);
    save_due_ = true;
  }
}

void TwoWay::pose(const HubValue& value, const stream::StoredMessage& mine, Instant now) {
  const std::string subject = "$FROND.CONFLICT." + stream_.config().name;
  // The next one may have an answer.
  std::ranges::rotate(state_.conflicts, std::ranges::find(state_.conflicts, looking_at_) + 1);
  if (!context_.outlet.has_reader(subject)) {
    error_ = "nobody answers " + subject;
    look_at_ = now + base::sync_retry_first;
    return;
  }
  wire::Json question = wire::Json::object();
  question["stream"] = stream_.config().name;
  question["subject"] = looking_at_;
  question["local"] = side(mine.sequence, mine.time, mine.header, mine.payload);
  question["hub"] = side(value.sequence, value.time, value.header, value.payload);
  question_ = {looking_at_, value.sequence, mine.sequence};
  question["base"] = base_of(looking_at_);
  question_ends_ = now + answer_timeout;
  const std::string reply = "_INBOX." + base::random_name(context_.entropy);
  answer_inbox_ = context_.link.open(Peer::app, reply, *this);
  context_.outlet.send(subject, {subject, reply, {}, wire::print_json(question)});
}

/// The last value that both sides had, if the local stream still has it.
wire::Json TwoWay::base_of(const std::string& subject) {
  wire::Json base;
  const subject::FilterSet only = subject::FilterSet::one(subject);
  StreamSeq from;
  for (int versions = 0; versions < base_versions_max; ++versions) {
    const stream::Lookup message = stream_.next_for(only, from);
    if (!message || is_open(*message)) {
      break;
    }
    from = message->sequence.next();
    base = side(message->sequence, message->time, message->header, message->payload);
  }
  return base;
}

void TwoWay::close_question() {
  if (question_) {
    context_.link.close(answer_inbox_);
    question_.reset();
    question_ends_ = kNever;
  }
}

/// What the app has made of both is a local write on top of the hub's value, if nothing has changed
/// since it was asked; else it is asked again.
void TwoWay::answered(const base::Message& message, Instant now) {
  const Question question = *question_;
  close_question();
  const stream::Lookup mine = stream_.last_for(question.subject);
  if (wire::header_status(message.header) || !mine || mine->sequence != question.local ||
      question.hub.none() || !in_conflict(question.subject)) {
    return;
  }
  const std::string header = header_of_merged(message.header);
  const stream::IngestResult result =
      stream_.ingest({question.subject, {}, header, message.payload}, now);
  if (result.error) {
    error_ = result.error.description;
    look_at_ = now + base::sync_retry_first;
    return;
  }
  open_.remove_all(question.subject);
  std::erase(state_.conflicts, question.subject);
  save_due_ = pump_due_ = true;
}

}  // namespace frond::sync
