#include "sync/forward/doubt_settler.h"

#include "wire/headers.h"

#include <algorithm>
#include <utility>

namespace frond::sync {

DoubtSettler::DoubtSettler(SyncContext& context, DoubtSettlerUser& user)
    : user_(user), survey_(context), reader_(context, *this) {}

void DoubtSettler::start(Plan plan, Instant now) {
  cancel();
  plan_ = std::move(plan);
  running_ = true;
  denied_ = false;
  std::set<std::string> known;
  for (const auto& [name, position] : plan_.positions) {
    known.insert(name);
  }
  survey_.start(
      plan_.api, plan_.subjects, std::move(known),
      [this](const Survey& survey, Instant when) { surveyed(survey, when); }, now);
}

void DoubtSettler::cancel() {
  running_ = false;
  survey_.cancel();
  reader_.stop();
}

void DoubtSettler::tick(Instant now) {
  survey_.tick(now);
  reader_.tick(now);
}

Instant DoubtSettler::next_deadline() const {
  return std::min(survey_.next_deadline(), reader_.next_deadline());
}

void DoubtSettler::surveyed(const Survey& survey, Instant now) {
  survey_answer_ = survey;
  read_.clear();
  if (survey.refused || (!survey.answered && survey.streams.empty())) {
    cancel();
    denied_ = survey.denied;
    user_.on_settle_failed("the hub does not say which stream takes the messages in doubt", now);
    return;
  }
  unread_ = survey.streams;
  read_next(now);
}

void DoubtSettler::read_next(Instant now) {
  reader_.stop();
  while (!unread_.empty()) {
    current_ = std::move(unread_.back());
    unread_.pop_back();
    HubPosition known;
    if (const auto at = plan_.positions.find(current_.name); at != plan_.positions.end()) {
      known = at->second;
    }
    // A stream that was made again, or that lost its end, counts anew: our position means nothing.
    if (current_.answered && ((!known.created.empty() && known.created != current_.created) ||
                              current_.last < known.sequence)) {
      known = {};
    }
    // The hub's own word for its last sequence is no reason to look no further next time: it may
    // count what its readers cannot see yet. Only what was read counts.
    if (current_.answered) {
      known.created = current_.created;
    }
    read_[current_.name] = known;
    before_ = known;
    const bool checked = !known.id.empty() || known.time != 0;
    if (current_.answered && current_.last <= known.sequence && !checked) {
      continue;
    }
    from_ = checked ? known.sequence : known.sequence.next();
    read(now);
    return;
  }
  finish(now);
}

void DoubtSettler::read(Instant now) {
  reader_.start({.api = plan_.api,
                 .stream = current_.name,
                 .filters = plan_.subjects,
                 .deliver_prefix = "$JS.M",
                 .headers_only = true},
                now);
}

/// The hub lost what it had not synced and went on: then another message stands at our position,
/// and what we look for may stand below. That nothing stands there says nothing: it was removed.
bool DoubtSettler::lost_its_end(const RemoteMessage& message) const {
  if (message.sequence != before_.sequence) {
    return false;
  }
  const auto id = wire::header_value(message.message.header, "Nats-Msg-Id");
  if (!before_.id.empty()) {
    return !id || *id != plan_.id_prefix + before_.id;
  }
  return before_.time != 0 && before_.time != message.time.time_since_epoch().count();
}

void DoubtSettler::finish(Instant now) {
  cancel();
  const Survey survey = std::exchange(survey_answer_, {});
  user_.on_settled(std::exchange(read_, {}), survey, now);
}

ReadStart DoubtSettler::read_from() {
  if (from_ == StreamSeq{1} && plan_.since) {
    return {.sequence = {}, .time = plan_.since};
  }
  return {.sequence = from_, .time = std::nullopt};
}

void DoubtSettler::on_reading(StreamSeq, std::uint64_t pending, Instant now) {
  if (pending == 0) {
    read_next(now);
  }
}

void DoubtSettler::on_remote(const RemoteMessage& message, Instant now) {
  if (lost_its_end(message)) {
    before_ = {};
    from_ = {1};
    read_[current_.name] = {.created = current_.created, .sequence = {}, .id = {}, .time = 0};
    read(now);
    return;
  }
  from_ = message.sequence.next();
  HubPosition& position = read_[current_.name];
  position.sequence = message.sequence;
  position.time = message.time.time_since_epoch().count();
  position.id.clear();
  const auto id = wire::header_value(message.message.header, "Nats-Msg-Id");
  if (id && id->starts_with(plan_.id_prefix)) {
    position.id = id->substr(plan_.id_prefix.size());
    user_.on_found({current_.name, message.sequence, position.id}, message);
  }
  if (message.pending == 0 || (current_.answered && message.sequence >= current_.last)) {
    read_next(now);
  }
}

void DoubtSettler::on_heartbeat(Instant) {}

void DoubtSettler::on_read_error(const stream::ApiError& error, Instant now) {
  const std::string why = "cannot read " + current_.name + " to settle messages in doubt: " +
                          (error ? error.description : std::string("the hub fell silent"));
  cancel();
  denied_ = error.code == 403;
  user_.on_settle_failed(why, now);
}

void DoubtSettler::on_flow_control(std::string_view reply, Instant) {
  reader_.answer_flow_control(reply);
}

}  // namespace frond::sync
