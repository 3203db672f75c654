// What comes down: is the hub's stream the one that we know, reading it to its end and on from
// there, and what each of its values means here.

#include "base/limits.h"
#include "subject/validity.h"
#include "sync/api_json.h"
#include "sync/forward/forward_message.h"
#include "sync/two_way/two_way.h"
#include "wire/headers.h"

#include <algorithm>
#include <utility>

namespace frond::sync {

// --- Is it the hub that we know? -------------------------------------------------------------

void TwoWay::ask_hub(Instant now) {
  mode_ = Mode::asking;
  level_ = false;
  retry_at_ = kNever;
  reader_.stop();
  probe_.cancel();
  info_.send(
      Peer::hub, plan_.api + ".STREAM.INFO." + plan_.stream, {},
      [this](std::string_view body, Instant when) { hub_answered(body, when); }, now);
}

void TwoWay::hub_answered(std::string_view body, Instant now) {
  const RemoteStreamInfo info = read_stream_info(body);
  if (info.error || !info.readable || info.created.empty()) {
    fail(info.error ? info.error.description : "the hub does not tell of stream " + plan_.stream,
         now);
    return;
  }
  hub_last_ = info.last;
  if (state_.hub_created.empty()) {
    state_.hub_created = info.created;
    save_due_ = true;
  } else if (info.created != state_.hub_created || info.last < state_.position) {
    // It was made again, or has lost its end.
    forget_hub(info.created);
  }
  if (state_.position.none() || state_.position_subject.empty()) {
    state_.compare = state_.compare || is_another_hub();
    read(now);
    return;
  }
  probe_.ask(
      plan_, {state_.position, WallTime(Duration(state_.position_time)), state_.position_subject},
      [this](const ProbeFinding& finding, Instant when) {
        if (finding.silent) {
          return fail("no answer of the hub", when);
        }
        const bool went_back =
            finding.replaced || (finding.not_newer && *finding.not_newer < state_.position);
        if (went_back && !finding.same) {
          forget_hub(state_.hub_created);
        }
        // Another run of the hub, and the message that would prove it the same has been replaced.
        state_.compare = state_.compare || (!finding.same && is_another_hub());
        read(when);
      },
      now);
}

// --- Reading ---------------------------------------------------------------------------------

void TwoWay::read(Instant now) {
  mode_ = Mode::reading;
  level_ = false;
  comparing_ = state_.compare;
  if (comparing_) {
    begin_compare();
  }
  reader_.start(plan_, now);
}

ReadStart TwoWay::read_from() {
  return {.sequence = comparing_ ? StreamSeq{} : state_.position.next(),
          .time = std::nullopt,
          .last_per_subject = comparing_};
}

void TwoWay::on_reading(StreamSeq, std::uint64_t pending, Instant now) {
  lag_ = pending;
  if (pending == 0) {
    level(now);
  }
}

void TwoWay::on_remote(const RemoteMessage& message, Instant now) {
  const HubValue value{.sequence = message.sequence,
                       .time = message.time,
                       .subject = message.message.subject,
                       .header = message.message.header,
                       .payload = message.message.payload};
  if (!apply(value, false, now)) {
    fail(error_, now);
    return;
  }
  lag_ = message.pending;
  newest_ = {message.sequence, message.time, std::string(message.message.subject)};
  if (!comparing_) {
    reached(newest_.sequence);
  }
  save_soon(now);
  pump_due_ = true;
  // The list of last values may end behind what was the last message when the hub was asked.
  if (message.pending == 0 || (!comparing_ && message.sequence >= hub_last_)) {
    level(now);
  }
}

void TwoWay::on_heartbeat(Instant now) {
  lag_ = 0;
  level(now);
}

void TwoWay::on_read_error(const stream::ApiError& error, Instant now) {
  fail(error ? error.description : std::string("the hub fell silent"), now);
}

void TwoWay::on_flow_control(std::string_view reply, Instant) {
  reader_.answer_flow_control_at(stream_.ticket(), reply);
}

/// The hub's end has been reached.
void TwoWay::level(Instant now) {
  if (level_) {
    return;
  }
  if (comparing_) {
    finish_compare(now);
  }
  if (is_another_hub()) {
    state_.hub_id = hub_id();
    save_due_ = true;
  }
  failures_ = 0;
  error_.clear();
  level_ = pump_due_ = true;
}

std::string_view TwoWay::hub_id() const {
  return context_.link.hub_id().substr(0, base::name_bytes_max);
}

/// Everything up to here has been looked at.
void TwoWay::reached(StreamSeq position) {
  state_.position = std::max(state_.position, position);
  const bool known = newest_.sequence == state_.position;
  state_.position_subject = known ? newest_.subject : std::string();
  state_.position_time = newest_.time.time_since_epoch().count();
}

// --- One value -------------------------------------------------------------------------------

/// A local write that the hub is not known to have.
bool TwoWay::is_open(const stream::StoredMessage& mine) const {
  return open_.contains(mine.sequence) ||
         (mine.sequence > state_.scanned && !hub_mark(mine) &&
          !std::ranges::binary_search(state_.ahead, mine.sequence));
}

/// Whether the hub's value is one of our own writes, which is settled thereby. Not when this store
/// has lost it since, or has another message in its place.
bool TwoWay::settle_own(const HubValue& value, const stream::Lookup& mine) {
  const auto text = wire::header_value(value.header, "Nats-Msg-Id");
  if (!text || !text->starts_with(id_prefix_) || !mine) {
    return false;
  }
  const std::optional<ForwardId> id = forward_id_parse(text->substr(id_prefix_.size()));
  if (!id || !id->time || id->sequence > mine->sequence) {
    return false;
  }
  const std::optional<HubMark> mark = hub_mark(*mine);
  if (mark && (mark->lineage != state_.lineage || mark->hub < value.sequence)) {
    return false;
  }
  const StreamSeq newest = mine->sequence;
  const OpenWrite* write = open_.find(id->sequence);
  const std::optional<WallTime> stored =
      write != nullptr ? std::optional(write->time) : stream_.time_of(id->sequence);
  if (!stored) {
    return newest > id->sequence;  // It was replaced here.
  }
  // The time may stand still while a clock is set back: then the sum tells.
  const stream::Lookup same = stream_.get(id->sequence);
  if (*stored != *id->time || (same && id->sum && *id->sum != forward_sum(*same))) {
    return false;
  }
  if (write != nullptr) {
    settle(id->sequence, value.sequence);
  } else if (id->sequence > state_.scanned) {
    const auto at = std::ranges::lower_bound(state_.ahead, id->sequence);
    if (at == state_.ahead.end() || *at != id->sequence) {
      state_.ahead.insert(at, id->sequence);
    }
  }
  return true;
}

/// False when it cannot be stored now. `looked`: it is the last of its subject at this moment,
/// whatever has been read before and kept out.
bool TwoWay::apply(const HubValue& value, bool looked, Instant now) {
  if (!subject::valid_literal(value.subject) || !subjects_.matches(value.subject)) {
    return true;  // None of ours.
  }
  const std::string subject(value.subject);
  const stream::Lookup mine = stream_.last_for(subject);
  if (mine.unreadable) {
    error_ = "a stored message cannot be read";
    return false;
  }
  Standing standing{.here = mine.has_value()};
  const std::size_t place = place_unseen(mine ? mine->sequence : StreamSeq{});
  if (mine) {
    const std::optional<HubMark> mark = hub_mark(*mine);
    const bool ours = mark && mark->lineage == state_.lineage;
    standing.open = is_open(*mine);
    const StreamSeq read =
        std::max(known_at_hub(subject), standing.open ? state_.position : StreamSeq{});
    standing.had = (ours && value.sequence <= mark->hub) ||
                   (value.sequence <= read && (standing.open || !looked));
    standing.unknown = state_.reseed && place < unseen_.size() && !ours;
    standing.same = same_value(*mine, value);
    standing.hub_newer = value.time >= mine->time;
    if (ours && lost_end(value, *mine, looked)) {
      forget_hub(state_.hub_created);
      reread_ = true;
      error_ = "the hub has lost its end";
      return false;
    }
  }
  const bool own = settle_own(value, mine);  // Reads the stream: `mine` is gone.
  const Verdict verdict = own ? Verdict::known : judge(standing, policy_);
  if (verdict == Verdict::store && !store(value, standing.open, now)) {
    return false;
  }
  if (verdict == Verdict::ask) {
    conflict(subject);
  }
  if (place < unseen_.size() && (verdict != Verdict::top || !standing.unknown)) {
    seen_[place] = true;
  }
  if (rolls_up_all(value.header) && !own && !comparing_) {
    state_.compare = reread_ = true;  // It has removed other subjects, too.
  }
  note_at_hub(subject, value.sequence);
  if (OpenWrite* write = open_.first_of(subject)) {
    write->expected = std::max(write->expected, value.sequence);
    write->held = own ? write->held : std::max(write->held, value.sequence);
    if (write->not_before <= value.sequence) {
      write->not_before = {};
    }
  }
  return true;
}

/// `over_open`: local writes are given up for it.
bool TwoWay::store(const HubValue& value, bool over_open, Instant now) {
  const std::string subject(value.subject);
  const std::string header = header_from_hub(value.header, stream_.state().last.next(),
                                             mark_for(value.sequence), stream_.config());
  const stream::IngestResult result = stream_.ingest({subject, {}, header, value.payload}, now);
  if (result.error && result.error.err_code != 10054) {
    error_ = result.error.description;
    return false;
  }
  if (result.error) {  // No later try would make it smaller.
    ++state_.refused;
    state_.last_error = "a value of the hub is too large for this stream: " + subject;
    return true;
  }
  if (over_open) {
    ++state_.overruled;
  }
  open_.remove_all(subject);
  std::erase(state_.conflicts, subject);
  save_due_ = true;
  return true;
}

}  // namespace frond::sync
