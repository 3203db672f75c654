#include "sync/two_way/two_way.h"

#include "base/limits.h"
#include "base/nuid.h"
#include "stream/sync_check.h"
#include "sync/api_json.h"
#include "sync/forward/forward_message.h"
#include "sync/retry_pause.h"

#include <algorithm>
#include <utility>

namespace frond::sync {

namespace {

constexpr std::size_t lineage_characters = 8;
constexpr std::size_t at_hub_entries_max = 16'384;

/// None: the config does not ask for two-way sync.
std::optional<TwoWaySettings> settings_of(const stream::StreamConfig& config) {
  const auto value = [&config](std::string_view key) -> const std::string* {
    const auto at = config.metadata.find(std::string(key));
    return at == config.metadata.end() ? nullptr : &at->second;
  };
  const std::string* const domain = value(stream::sync_metadata);
  if (domain == nullptr) {
    return std::nullopt;
  }
  const std::string* const hub_stream = value(stream::sync_stream_metadata);
  const std::string* const policy = value(stream::sync_conflict_metadata);
  TwoWaySettings settings{.domain = *domain,
                          .hub_stream = hub_stream == nullptr ? config.name : *hub_stream};
  const auto named = policy == nullptr ? std::begin(stream::sync_conflict_policies)
                                       : std::ranges::find(stream::sync_conflict_policies, *policy);
  settings.policy = static_cast<ConflictPolicy>(named - std::begin(stream::sync_conflict_policies));
  return settings;
}

/// What the memory of a hub belongs to.
std::string origin_of(const TwoWaySettings& settings, const stream::StreamConfig& config) {
  std::string origin = settings.domain + " " + settings.hub_stream;
  for (const std::string& subject : config.subjects) {
    origin += " " + subject;
  }
  return origin;
}

std::optional<std::string> settings_text(const stream::StreamConfig& config) {
  const std::optional<TwoWaySettings> settings = settings_of(config);
  if (!settings) {
    return std::nullopt;
  }
  return std::to_string(static_cast<int>(settings->policy)) + " " + origin_of(*settings, config);
}

std::unique_ptr<Way> make_two_way(SyncContext& context, stream::Stream& stream,
                                  const std::string& directory, WayStart) {
  return std::make_unique<TwoWay>(context, stream, directory, *settings_of(stream.config()));
}

}  // namespace

const WayKind two_way_way = {.name = "two-way",
                             .crossing = Crossing::by_sync,
                             .settings = settings_text,
                             .make = make_two_way};

TwoWay::TwoWay(SyncContext& context, stream::Stream& stream, const std::string& directory,
               const TwoWaySettings& settings)
    : context_(context),
      stream_(stream),
      policy_(settings.policy),
      domain_(settings.domain),
      subjects_(stream.config().subjects),
      id_prefix_(forward_id_prefix(context.node_name, stream.config().name, stream.created())),
      file_(context.journal, context.files, directory + "/two_way.state", {}),
      reader_(context, *this),
      info_(context),
      probe_(context),
      look_(context) {
  plan_.api = api_prefix(domain_);
  plan_.stream = settings.hub_stream;
  plan_.filters = stream.config().subjects;
  origin_ = origin_of(settings, stream.config());
  load();
  stream_.add_listener(this);
}

TwoWay::~TwoWay() {
  close_question();
  if (mode_ != Mode::down) {
    context_.link.close(inbox_);
  }
  stream_.remove_listener(this);
}

// --- What is remembered ----------------------------------------------------------------------

void TwoWay::load() {
  const StreamSeq last = stream_.state().last;
  const store::StateFile::Copy copy = file_.load();
  // The newest copy may be newer than the messages: a commit was carried out in part. Then the one
  // before it holds, as after a crash before the save.
  bool known = false, torn = false;
  for (const std::string* text : {&copy.text, &copy.older}) {
    std::optional<TwoWayState> found = two_way_state_parse(*text);
    known = found && found->stream_identity == stream_.identity() && found->at_local <= last;
    if (known) {
      state_ = *std::move(found);
      torn = text == &copy.older;
      break;
    }
  }
  if (!known) {
    // What is here already and what the hub has meet as strangers; what is written from now on is a
    // write like any other.
    state_.scanned = last;
  }
  if (!known || state_.settings != origin_) {
    state_.stream_identity = stream_.identity();
    state_.settings = origin_;
    forget_hub({});
  }
  for (const StreamSeq sequence : std::exchange(state_.open, {})) {
    if (!stream_.get(sequence)) {
      state_.compare = true;  // It is gone, and its subject's value at the hub is not known here.
    } else if (counts(sequence)) {
      add_open(*stream_.get(sequence));
    }
  }
  save_due_ = true;
  if (torn) {
    // Both copies, before anything gets the sequences that the newest one speaks of.
    file_.save_twice(state_text());
  }
}

/// No value of the hub stands behind this local write, for whose sake it was given up.
bool TwoWay::counts(StreamSeq sequence) const {
  const std::string subject(stream_.get(sequence)->subject);
  const stream::Lookup newest = stream_.last_for(subject);
  return newest && !hub_mark(*newest);
}

/// What both sides have in common is not known (any more).
void TwoWay::forget_hub(const std::string& created) {
  state_.hub_created = created;
  state_.lineage = base::random_name(context_.entropy, lineage_characters);
  state_.position = {};
  state_.position_subject.clear();
  state_.compare = state_.reseed = true;
  state_.surplus.reset();
  at_hub_.clear();
  for (OpenWrite& write : open_.all()) {
    write.expected = write.held = write.not_before = {};
  }
  save_due_ = true;
}

std::string TwoWay::state_text() {
  state_.at_local = stream_.state().last;
  state_.open.clear();
  for (const OpenWrite& write : open_.all()) {
    state_.open.push_back(write.sequence);
  }
  return two_way_state_json(state_);
}

void TwoWay::save() {
  save_due_ = false;
  save_at_ = kNever;
  file_.save(state_text());
}

void TwoWay::save_soon(Instant now) {
  save_at_ = std::min(save_at_, now + base::forward_save_interval);
}

/// A commit failed: what came down with it is not here, and local messages that had been replaced
/// in it are back. As after a restart.
void TwoWay::on_reloaded(stream::Stream&) {
  open_ = {};
  unseen_.clear();
  at_hub_.clear();
  level_ = comparing_ = false;
  state_ = {};
  load();
  reread_ = true;
}

StreamSeq TwoWay::known_at_hub(std::string_view subject) const {
  const auto at = at_hub_.find(subject);
  return {at == at_hub_.end() ? 0 : at->second};
}

void TwoWay::note_at_hub(std::string_view subject, StreamSeq sequence) {
  if (at_hub_.size() >= at_hub_entries_max && !at_hub_.contains(subject)) {
    at_hub_.clear();
  }
  std::uint64_t& known = at_hub_[std::string(subject)];
  known = std::max(known, sequence.value);
}

// --- The link --------------------------------------------------------------------------------

void TwoWay::up(Instant now) {
  now_ = now;
  ack_prefix_ = "_INBOX." + base::random_name(context_.entropy) + ".";
  inbox_ = context_.link.open(Peer::hub, ack_prefix_ + "*", *this);
  failures_ = send_failures_ = look_failures_ = audits_ = 0;
  audit_due_ = true;
  compared_ = false;
  ask_hub(now);
}

void TwoWay::down(Instant now) {
  mode_ = Mode::down;
  level_ = false;
  retry_at_ = send_at_ = look_at_ = audit_at_ = kNever;
  reader_.stop();
  info_.cancel();
  probe_.cancel();
  look_.cancel();
  context_.link.close(inbox_);
  for (OpenWrite& write : open_.all()) {
    open_.back(write);
  }
  save_soon(now);
}

/// Nothing of the hub is believed until it has been asked again.
void TwoWay::fail(std::string why, Instant now) {
  error_ = std::move(why);
  mode_ = Mode::pausing;
  level_ = false;
  reader_.stop();
  probe_.cancel();
  retry_at_ = now + retry_pause(++failures_);
}

// --- Time ------------------------------------------------------------------------------------

void TwoWay::tick(Instant now) {
  now_ = now;
  info_.tick(now);
  probe_.tick(now);
  reader_.tick(now);
  look_.tick(now);
  if (std::exchange(reread_, false) && mode_ != Mode::down) {
    ask_hub(now);
  }
  if (retry_at_ <= now) {
    ask_hub(now);
  }
  if (question_ends_ <= now) {
    close_question();
  }
  wait_again(now);
  if (send_at_ <= now) {
    send_at_ = kNever;
    pump_due_ = true;
  }
  if ((pump_due_ || (waits_for_room_ && context_.link.has_room())) && level_) {
    pump_due_ = waits_for_room_ = false;
    pump(now);
  }
  if (level_) {
    look(now);
    audit(now);
  }
  if (save_due_ || save_at_ <= now) {
    save();
  }
}

Instant TwoWay::next_deadline() const {
  if ((reread_ && mode_ != Mode::down) || (level_ && pump_due_)) {
    return {};
  }
  // While an answer is waited for, or the hub's end is not read, their time may have passed.
  const Instant look = level_ && !look_.waiting() ? look_at_ : kNever;
  const Instant audit = level_ && audit_due_ && !info_.waiting() ? audit_at_ : kNever;
  return std::min({info_.next_deadline(), probe_.next_deadline(), reader_.next_deadline(),
                   look_.next_deadline(), retry_at_, question_ends_, oldest_wait(), send_at_, look,
                   audit, save_at_});
}

SyncStatus TwoWay::status() const {
  SyncStatus status;
  const std::uint64_t in_flight = mode_ == Mode::down ? 0 : open_.in_flight();
  status.queued = open_.size() + stream_.count_from({}, state_.scanned.next());
  status.lag = lag_;
  status.in_flight = in_flight;
  status.refused = state_.refused;
  status.hub_stream = plan_.stream;
  status.hub_sequence = state_.position;
  if (mode_ != Mode::down) {
    status.last_contact = context_.link.last_heard();
  }
  status.last_error = error_.empty() ? state_.last_error : error_;
  return status;
}

MessageState TwoWay::message(StreamSeq sequence) const {
  const stream::Lookup message = stream_.get(sequence);
  if (!message) {
    return {};
  }
  if (const std::optional<HubMark> mark = hub_mark(*message)) {
    return {"stored", mark->lineage == state_.lineage ? mark->hub : StreamSeq{}, {}};
  }
  if (is_open(*message)) {
    const auto write = std::ranges::find(open_.all(), sequence, &OpenWrite::sequence);
    return {write != open_.all().end() && write->in_flight ? "sent" : "queued", {}, {}};
  }
  // Of one that was given up for a value of the hub nothing is known any more.
  const std::string subject(message->subject);
  const stream::Lookup newest = stream_.last_for(subject);
  if (!newest || hub_mark(*newest)) {
    return {};
  }
  return {"stored", newest->sequence == sequence ? known_at_hub(subject) : StreamSeq{}, {}};
}

}  // namespace frond::sync
