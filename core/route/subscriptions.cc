#include "route/subscriptions.h"

#include "base/assert.h"
#include "base/limits.h"
#include "base/sort.h"
#include "subject/validity.h"

#include <algorithm>

namespace frond::route {
namespace {

bool is_link(const Entry& entry) {
  const SinkKind kind = entry.sink->kind();
  return kind == SinkKind::leaf || kind == SinkKind::hub;
}

}  // namespace

Entry& Subscriptions::add(Sink& sink, std::string_view subject, std::string_view queue,
                          std::string_view sid, std::uint32_t weight, bool alone) {
  auto owned = std::make_unique<Entry>();
  Entry& entry = *owned;
  entry.id = SubscriptionId(++last_id_);
  entry.sink = &sink;
  entry.subject = subject;
  entry.queue = queue;
  entry.sid = sid;
  entry.weight = weight;
  entry.alone = alone;
  entries_.emplace(last_id_, std::move(owned));

  std::vector<Entry*>& own = by_sink_[&sink];
  entry.sink_index = own.size();
  own.push_back(&entry);

  std::vector<Entry*>& list = list_of(trie_.at(subject), entry);
  entry.bucket_index = list.size();
  list.push_back(&entry);
  invalidate(subject);
  return entry;
}

Entry* Subscriptions::find(SubscriptionId id) {
  const auto found = entries_.find(static_cast<std::uint64_t>(id));
  return found == entries_.end() ? nullptr : found->second.get();
}

/// Takes one element out in constant time; the last one moves into its place.
static void take_out(std::vector<Entry*>& list, std::size_t index, std::size_t Entry::* position) {
  list[index] = list.back();
  list[index]->*position = index;
  list.pop_back();
}

void Subscriptions::remove(Entry& entry) {
  const auto own = by_sink_.find(entry.sink);
  take_out(own->second, entry.sink_index, &Entry::sink_index);
  if (own->second.empty()) {
    by_sink_.erase(own);
  }

  Bucket* bucket = trie_.find(entry.subject);
  FROND_ASSERT(bucket != nullptr);
  std::vector<Entry*>& list = list_of(*bucket, entry);
  take_out(list, entry.bucket_index, &Entry::bucket_index);
  if (list.empty() && !entry.queue.empty()) {
    bucket->groups.erase(entry.queue);
  }
  if (bucket->empty()) {
    trie_.erase(entry.subject);
  }
  invalidate(entry.subject);

  entry.removed = true;
  const auto owned = entries_.find(static_cast<std::uint64_t>(entry.id));
  if (delivering_) {
    removed_entries_.push_back(std::move(owned->second));
  }
  entries_.erase(owned);
}

const std::vector<Entry*>& Subscriptions::of(const Sink& sink) const {
  static const std::vector<Entry*> none;
  const auto found = by_sink_.find(&sink);
  return found == by_sink_.end() ? none : found->second;
}

const Match& Subscriptions::match(std::string_view subject) {
  if (const auto hit = cache_.find(subject); hit != cache_.end()) {
    return *hit->second;
  }
  std::unique_ptr<Match> match = find_matches(subject);
  const std::size_t bytes = cost(subject, *match);
  if (cache_.size() >= base::route_cache_subjects_max ||
      cache_bytes_ + bytes > base::route_cache_bytes_max) {
    drop_cache();
  }
  cache_bytes_ += bytes;
  return *cache_.emplace(std::string(subject), std::move(match)).first->second;
}

void Subscriptions::leave() {
  delivering_ = false;
  removed_entries_.clear();
  replaced_matches_.clear();
}

std::unique_ptr<Match> Subscriptions::find_matches(std::string_view subject) {
  auto match = std::make_unique<Match>();
  std::vector<Entry*> links;
  std::vector<const Groups::value_type*> groups;
  trie_.match_literal(subject, [&](const Bucket& bucket) {
    for (Entry* entry : bucket.plain) {
      (is_link(*entry) ? links : match->local).push_back(entry);
    }
    for (const Groups::value_type& group : bucket.groups) {
      groups.push_back(&group);
    }
  });
  const auto alone =
      std::ranges::find_if(match->local, [](const Entry* entry) { return entry->alone; });
  if (alone != match->local.end()) {
    match->local = {*alone};
    match->stored = (*alone)->sink->stores();
    return match;
  }
  match->stored =
      std::ranges::any_of(match->local, [](const Entry* entry) { return entry->sink->stores(); });
  collect_links(links, *match);
  collect_groups(groups, *match);
  return match;
}

/// Each link once, in the order in which they were found.
void Subscriptions::collect_links(const std::vector<Entry*>& plain, Match& match) {
  std::unordered_map<const Sink*, std::size_t> places;
  for (Entry* entry : plain) {
    const auto [place, added] = places.emplace(entry->sink, match.links.size());
    if (added) {
      match.links.push_back({entry->sink, {}});
    }
    match.links[place->second].plain.push_back(entry);
  }
}

/// Groups of one name are one, whatever subjects their members gave.
void Subscriptions::collect_groups(std::vector<const Groups::value_type*>& parts, Match& match) {
  base::sort(parts, [](const Groups::value_type* a, const Groups::value_type* b) {
    return a->first < b->first;
  });
  for (const Groups::value_type* part : parts) {
    if (match.groups.empty() || match.groups.back().name != part->first) {
      match.groups.push_back({part->first, {}, {}});
    }
    for (Entry* entry : part->second) {
      Match::Group& group = match.groups.back();
      (is_link(*entry) ? group.links : group.local).push_back(entry);
    }
  }
}

std::vector<Entry*>& Subscriptions::list_of(Bucket& bucket, const Entry& entry) {
  return entry.queue.empty() ? bucket.plain : bucket.groups[entry.queue];
}

void Subscriptions::invalidate(std::string_view subject) {
  if (subject::has_wildcards(subject)) {
    drop_cache();
    return;
  }
  // Inboxes come and go all the time: they must not cost the other subjects their results.
  const auto stale = cache_.find(subject);
  if (stale == cache_.end()) {
    return;
  }
  if (delivering_) {
    replaced_matches_.push_back(std::move(stale->second));
  }
  // What the entry was counted with is not known any more; the sum is put right by drop_cache().
  cache_.erase(stale);
}

void Subscriptions::drop_cache() {
  if (delivering_) {
    for (auto& [subject, match] : cache_) {
      replaced_matches_.push_back(std::move(match));
    }
  }
  cache_.clear();
  cache_bytes_ = 0;
}

std::size_t Subscriptions::cost(std::string_view subject, const Match& match) {
  std::size_t entries = match.local.size();
  for (const Match::Link& link : match.links) {
    entries += link.plain.size() + sizeof(Match::Link) / sizeof(Entry*);
  }
  for (const Match::Group& group : match.groups) {
    entries += group.local.size() + group.links.size() + sizeof(Match::Group) / sizeof(Entry*);
  }
  return sizeof(Match) + subject.size() + entries * sizeof(Entry*) + 64;
}

}  // namespace frond::route
