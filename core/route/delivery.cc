#include "route/delivery.h"

#include "base/sort.h"
#include "route/request_subjects.h"

#include <algorithm>

namespace frond::route {
namespace {

// So few links are faster looked through than looked up.
constexpr std::size_t few_forwards = 16;

bool is_link(SinkKind kind) { return kind == SinkKind::leaf || kind == SinkKind::hub; }

/// An ack subject of the short form does not name the node that delivered (AK-03): on the other
/// side of a link a consumer of the same stream and name would take it for its own. So an ack that
/// a consumer here takes goes no further.
bool is_own_ack(const Match& match, std::string_view target) {
  return target.starts_with("$JS.ACK.") &&
         std::any_of(match.local.begin(), match.local.end(), [](const Entry* entry) {
           return !entry->removed && entry->sink->kind() == SinkKind::internal;
         });
}

/// An answer goes nowhere where the other side would take it for a request.
bool is_kept(const Publication& publication) {
  return publication.answer && is_request_subject(publication.target);
}

/// A message never goes back over the link it came from. There is one hub at most, but between two
/// links to it (one being replaced) the rule holds as well.
bool may_forward(const Sink& link, const Sink* from) {
  if (from == nullptr) {
    return true;
  }
  return &link != from && !(link.kind() == SinkKind::hub && from->kind() == SinkKind::hub);
}

bool is_muted(const Entry& entry, const Publication& publication) {
  return entry.removed || (!publication.echo && entry.sink == publication.from) ||
         (publication.answer && !entry.sink->takes_answers());
}

}  // namespace

std::size_t Delivery::run(const Match& match, const Publication& publication) {
  if (match.empty()) {
    return 0;
  }
  publisher_ = publication.from;
  forward_count_ = 0;
  forward_places_.clear();
  std::size_t count = deliver_local(match, publication);
  // Asked only where there is a link: most messages meet none.
  const bool stays_here =
      !match.links.empty() && (is_own_ack(match, publication.target) || is_kept(publication));
  for (const Match::Link& link : match.links) {
    const bool wanted = std::any_of(link.plain.begin(), link.plain.end(),
                                    [](const Entry* entry) { return !entry->removed; });
    if (wanted && !stays_here && may_forward(*link.sink, publication.from)) {
      add_forward(*link.sink).plain = true;
    }
  }
  count += deliver_groups(match, publication);
  count += deliver_links(publication);
  publisher_ = nullptr;
  return count;
}

std::size_t Delivery::deliver_local(const Match& match, const Publication& publication) {
  std::size_t count = 0;
  for (const Entry* entry : match.local) {
    if (!is_muted(*entry, publication)) {
      entry->sink->deliver(*entry, publication.message, publication.target);
      ++count;
    }
  }
  return count;
}

std::size_t Delivery::deliver_groups(const Match& match, const Publication& publication) {
  std::size_t count = 0;
  const bool from_link = publication.from != nullptr && is_link(publication.from->kind());
  if (from_link && !match.groups.empty()) {
    served_.assign(publication.queues.begin(), publication.queues.end());
    base::sort(served_);
  }
  for (const Match::Group& group : match.groups) {
    // Over a link the sender has chosen which groups we serve; the others it serves elsewhere.
    if (from_link && !std::ranges::binary_search(served_, std::string_view(group.name))) {
      continue;
    }
    if (deliver_member(group, publication)) {
      ++count;
    } else if (!is_kept(publication)) {
      choose_link(group, publication);
    }
  }
  return count;
}

/// One local member, at random; the next one when that one has gone (SU-04).
bool Delivery::deliver_member(const Match::Group& group, const Publication& publication) {
  const std::size_t size = group.local.size();
  if (size == 0) {
    return false;
  }
  const std::size_t start = size == 1 ? 0 : static_cast<std::size_t>(entropy_.next() % size);
  for (std::size_t i = 0; i < size; ++i) {
    const Entry& entry = *group.local[(start + i) % size];
    if (!is_muted(entry, publication)) {
      entry.sink->deliver(entry, publication.message, publication.target);
      return true;
    }
  }
  return false;
}

/// One link of a group without local members, at random by weight.
void Delivery::choose_link(const Match::Group& group, const Publication& publication) {
  std::uint64_t total = 0;
  for (const Entry* entry : group.links) {
    if (!entry->removed && may_forward(*entry->sink, publication.from)) {
      total += entry->weight;
    }
  }
  if (total == 0) {
    return;
  }
  std::uint64_t pick = entropy_.next() % total;
  for (const Entry* entry : group.links) {
    if (entry->removed || !may_forward(*entry->sink, publication.from)) {
      continue;
    }
    if (pick < entry->weight) {
      forward_to(*entry->sink).queues.push_back(group.name);
      return;
    }
    pick -= entry->weight;
  }
}

std::size_t Delivery::deliver_links(const Publication& publication) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < forward_count_; ++i) {
    const Forward& forward = forwards_[i];
    if (forward.sink != nullptr && forward.sink->forward(publication.message, publication.target,
                                                         forward.plain, forward.queues)) {
      ++count;
    }
  }
  forward_count_ = 0;
  forward_places_.clear();
  return count;
}

Delivery::Forward& Delivery::forward_to(Sink& sink) {
  if (forward_count_ <= few_forwards) {
    for (std::size_t i = 0; i < forward_count_; ++i) {
      if (forwards_[i].sink == &sink) {
        return forwards_[i];
      }
    }
    return add_forward(sink);
  }
  if (forward_places_.size() != forward_count_) {
    for (std::size_t i = 0; i < forward_count_; ++i) {
      forward_places_.emplace(forwards_[i].sink, i);
    }
  }
  const auto [place, added] = forward_places_.emplace(&sink, forward_count_);
  return added ? add_forward(sink) : forwards_[place->second];
}

/// For a link that has none yet.
Delivery::Forward& Delivery::add_forward(Sink& sink) {
  if (forward_count_ == forwards_.size()) {
    forwards_.emplace_back();
  }
  Forward& forward = forwards_[forward_count_++];
  forward.sink = &sink;
  forward.plain = false;
  forward.queues.clear();
  return forward;
}

void Delivery::forget(const Sink& sink) {
  for (Forward& forward : forwards_) {
    if (forward.sink == &sink) {
      forward.sink = nullptr;
    }
  }
  if (publisher_ == &sink) {
    publisher_ = nullptr;
  }
}

}  // namespace frond::route
