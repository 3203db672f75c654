// All last values at once: where nobody knows what both sides have in common, or what the hub has
// removed without a word.

#include "base/limits.h"
#include "sync/api_json.h"
#include "sync/two_way/two_way.h"

#include <algorithm>

namespace frond::sync {

namespace {

constexpr int audits_max = 5;  // On one link, while the hub's stream goes on and on.

}  // namespace

void TwoWay::begin_compare() {
  newest_ = {};
  unseen_ = stream_.last_per_subject({}, stream_.state().last);
  // A write that goes up meanwhile may be stored too late for the hub's list.
  std::erase_if(unseen_, [this](StreamSeq sequence) {
    const stream::Lookup mine = stream_.get(sequence);
    return !mine || is_open(*mine);
  });
  seen_.assign(unseen_.size(), false);
}

/// Where the local message is in the list of those to be found at the hub; its length when not.
std::size_t TwoWay::place_unseen(StreamSeq sequence) const {
  const auto at = std::ranges::lower_bound(unseen_, sequence);
  const bool there = comparing_ && at != unseen_.end() && *at == sequence;
  return there ? static_cast<std::size_t>(at - unseen_.begin()) : unseen_.size();
}

void TwoWay::finish_compare(Instant now) {
  comparing_ = false;
  reached(std::max(newest_.sequence, hub_last_));
  state_.surplus.reset();
  compared_ = true;
  std::size_t left = 0;
  for (std::size_t i = 0; i < unseen_.size(); ++i) {
    if (!seen_[i]) {
      unseen_[left++] = unseen_[i];
    }
  }
  unseen_.resize(left);
  // What came from this very hub it has removed since. The rest it may never have had: where
  // nothing was in common that goes up, scan() takes it, and until then a restart begins with this
  // again.
  std::erase_if(unseen_, [this, now](StreamSeq sequence) {
    const stream::Lookup mine = stream_.get(sequence);
    const std::optional<HubMark> mark = mine ? hub_mark(*mine) : std::nullopt;
    if (state_.reseed && !(mark && mark->lineage == state_.lineage)) {
      return false;
    }
    if (const std::string subject = still_last(sequence); !subject.empty()) {
      remove_here(subject, now);
    }
    return true;
  });
  state_.compare = state_.reseed;
  save_due_ = true;
}

/// The subject of this message, when it is the last one of it and settled; else empty.
std::string TwoWay::still_last(StreamSeq sequence) {
  const stream::Lookup mine = stream_.get(sequence);
  if (!mine || is_open(*mine)) {
    return {};
  }
  std::string subject(mine->subject);
  const stream::Lookup last = stream_.last_for(subject);
  return last && last->sequence == sequence ? subject : std::string();
}

/// Whether a last value of the hub proves that the hub is not what it was when `mine` came from it:
/// it has an older one, or another one in its place, or one that would have been read long ago.
bool TwoWay::lost_end(const HubValue& value, const stream::StoredMessage& mine, bool looked) const {
  if (!looked && std::ranges::find(state_.looks, value.subject) != state_.looks.end()) {
    return false;  // It was kept out for the sake of a write that is gone, and is still to be
                   // stored.
  }
  const StreamSeq known = hub_mark(mine)->hub;
  if (value.sequence < known) {
    return comparing_ || looked;
  }
  return comparing_ &&
         (value.sequence == known ? !same_value(mine, value) && !is_delete_marker(mine.header)
                                  : value.sequence <= state_.position);
}

/// The hub has no value of this subject any more. Whoever watches a bucket learns it by a marker.
void TwoWay::remove_here(const std::string& subject, Instant now) {
  const stream::Lookup mine = stream_.last_for(subject);
  if (!mine || is_delete_marker(mine->header)) {
    return;
  }
  if (stream_.config().name.starts_with("KV_")) {
    const std::string header =
        header_of_gone(stream_.state().last.next(), mark_for(state_.position));
    stream_.ingest({subject, {}, header, {}}, now);
  } else {
    stream_.purge({.filter = subject, .before = {}, .keep = 0}, now);
  }
  save_due_ = true;
}

/// What the hub has removed without a message (a purge, a limit) shows in the number of its
/// subjects. Asked once on each link, when everything else is done.
void TwoWay::audit(Instant now) {
  if (!audit_due_ || info_.waiting() || (audit_at_ != kNever && audit_at_ > now)) {
    return;
  }
  audit_at_ = kNever;
  if (!quiet()) {
    return;
  }
  info_.send(
      Peer::hub, plan_.api + ".STREAM.INFO." + plan_.stream, {},
      [this](std::string_view body, Instant when) { audited(body, when); }, now);
}

/// Nothing is on its way in either direction, as far as is known here.
bool TwoWay::quiet() const {
  return level_ && open_.empty() && unseen_.empty() && state_.looks.empty() &&
         state_.scanned == stream_.state().last;
}

void TwoWay::audited(std::string_view body, Instant now) {
  const RemoteStreamInfo info = read_stream_info(body);
  if (!info.readable || info.error || info.last != state_.position || !quiet()) {
    // Something came between. When it always does, the next link is early enough.
    audit_due_ = ++audits_ < audits_max;
    audit_at_ = now + base::sync_retry_first;
    return;
  }
  audit_due_ = false;
  const auto here = static_cast<std::int64_t>(stream_.state().subjects);
  const std::int64_t surplus = here - static_cast<std::int64_t>(info.subjects);
  if (compared_) {
    state_.surplus = surplus;
    save_due_ = true;
  } else if (state_.surplus != surplus) {
    state_.compare = true;
    audit_due_ = true;
    read(now);
  }
}

}  // namespace frond::sync
